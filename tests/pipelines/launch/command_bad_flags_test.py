"""A value that no run can have is refused before any work, with its flag."""

from collections.abc import Iterator
import dataclasses
from pathlib import Path
import re
from typing import Any

import pytest
from support import collection_runs, corpora, manifests, tiny_manifests
from support.task_files import NIV2, write_niv2

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import Kind, kind_of
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

LONG = 'x' * 256
# Those that `checks.check_name` knows as ours, in small letters or not.
OURS = ['Manifest.JSON', '_progress', 'quarantine', 'summary.txt', 'readme.md']
HUGE = str(2**40)

# For each flag values that are wrong. `{}` is a folder that is not there.
BAD: dict[str, list[str]] = {
  'cap': ['-1', 'x'],
  'catalog': ['{}'],
  'columns': ['t5'],
  'definitions': ['{}'],
  'denoisers': ['{}'],
  'eos': ['<|end|>'],  # a SentencePiece model says it itself
  'epochs': ['0', HUGE],
  'exclude': ['no such category'],
  'exemplars': ['0 5', '5 2', '1 99'],
  'extra_ids': ['-1', HUGE],
  'format': ['jsonlines'],
  'include': ['no such category'],
  'input': ['{}'],
  'inputs_length': ['0', HUGE],
  'licence': [],  # any expression is one
  'local_memory_mb': ['-1'],
  'local_workers': ['0', HUGE],
  'manifest': ['{}'],
  'max_document_bytes': ['0', str(2**70)],
  'max_document_chars': ['-1'],
  'max_damaged_files': ['-1', 'x'],
  'max_reject_fraction': ['2', 'nan'],
  'min_shards': ['0', HUGE],
  'min_tokens': ['0', HUGE],
  'mixture': ['flan2023'],
  'mode_tokens': ['nlu'],
  'name': ['a b', '..', LONG, *OURS],
  'num_examples': ['-1', HUGE],
  'num_validation_examples': ['-1', HUGE],
  'join_documents': ['-1', 'all'],
  'on_sentinel_overflow': ['stop'],
  'output': [''],
  'pack': ['encdec'],
  'passes': ['0', HUGE],
  'preset': ['ul3'],
  'promptsource': ['{}'],
  'seed': ['x', str(2**70)],
  'sentinels': ['<unused{}>:0-98', 'last:0', 'x'],
  'settings': ['zs', ''],
  'shard_mb': ['0', 'nan', 'inf'],
  'source': ['niv2', 'niv3=data', 'niv2={}'],
  'suites': ['niv3'],
  'targets_length': ['0', HUGE],
  'task_feature_lengths': ['inputs', 'inputs=1', 'both=9', f'inputs={HUGE}'],
  'tasks': ['task001', 'niv2:task001'],
  'templates': ['{}'],
  'templates_missing': ['theirs'],
  'text_field': ['txt'],
  'id_field': ['key'],
  'validation_cap': ['-1'],
  'validation_fraction': ['-0.1', '0.2', 'nan'],
  'vocabulary': ['{}'],
  'without': ['niv2:task001'],
  'without_keys': ['{}'],
}


def cases() -> Iterator[Any]:
  """Yields wrong values of all flags of what makes training data."""
  for kind in map(kind_of, ('ul2', 'flan', 'mix')):
    for group in kind.all_flags:
      for flag in group.flags:
        for value in () if flag.is_switch else BAD[flag.name]:
          name = f'{kind.name} {flag.name} {value[:20]}'
          yield pytest.param(kind, flag.name, value, id=name)


@pytest.fixture(scope='module')
def inputs(
  tmp_path_factory: pytest.TempPathFactory, vocabulary_path: str
) -> dict[str, dict[str, str]]:
  """For each kind the flags that it cannot do without."""
  folder = tmp_path_factory.mktemp('inputs')
  write_niv2(folder / 'niv2', NIV2[0], 20)
  text = corpora.write(folder / 'a.jsonl', corpora.documents(20))
  run = collection_runs.flan_run(tasks=[catalog.load(f'niv2:{NIV2[0]}')])
  run.run['plan'] = 'its fingerprint'
  (folder / 'manifest.json').write_bytes(manifests.to_json(run))
  tiny = tiny_manifests.MANIFEST
  tiny = dataclasses.replace(tiny, run={**tiny.run, 'plan': 'a fingerprint'})
  (folder / 'tiny').mkdir()
  (folder / 'tiny/manifest.json').write_bytes(manifests.to_json(tiny))
  return {
    'ul2': {'input': text, 'vocabulary': vocabulary_path},
    'flan': {
      'source': f'niv2={folder / "niv2"}', 'vocabulary': vocabulary_path,
      'tasks': f'niv2:{NIV2[0]}',
    },
    'mix': {'manifest': str(folder), 'mixture': 'niv2', 'pack': 'enc_dec'},
    'export': {'manifest': str(folder / 'tiny'), 'format': 'parquet'},
  }  # fmt: skip


@pytest.mark.parametrize(('kind', 'flag', 'value'), [*cases()])
def test_a_wrong_value_is_told_with_its_flag(
  inputs: dict[str, dict[str, str]],
  tmp_path: Path,
  capsys: pytest.CaptureFixture[str],
  kind: Kind[Any],
  flag: str,
  value: str,
):
  value = value.format(tmp_path / 'no')
  out = tmp_path / 'out'
  given = {'output': str(out), **inputs[kind.name], flag: value}
  # 'LOW HIGH' are two values.
  split = str.split if flag == 'exemplars' else lambda text: [text]
  argv = [a for name, v in given.items() for a in (f'--{name}', *split(v))]
  try:
    command.main(kind, argv)
  except UserError as e:
    said = str(e)
  except SystemExit:
    said = capsys.readouterr().err
  else:
    pytest.fail('it was taken')
  assert f'--{flag}' in said
  assert any(part in said for part in re.split('[= ]', value))
  assert not out.exists()
