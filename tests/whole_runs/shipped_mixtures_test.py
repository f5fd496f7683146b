"""Every mixture that is shipped can be mixed of what default runs make."""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

import pytest
from sentencepiece import sentencepiece_model_pb2
from support import task_files
from support.corpora import documents, write
from support.outputs import records_of

from ul2_flan.mixtures.definition import shipped
from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks import catalog
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.records import decode_example

ROWS = 20
HERE = Engine(local_workers=1)


def rows_of(suite: str, i: int) -> Mapping[str, Any]:
  """A row of one of the suites that have exports."""
  text = task_files.sentence(i)
  return {
    'flan2021': {'question': f'is it {i}', 'passage': text, 'label': i % 2 > 0},
    't0_sf': {
      'inputs_pretokenized': f'{text} What comes next?',
      'targets_pretokenized': f'\n{i}',
    },
    'dialog': {'Context': [text], 'Question': f'And {i}?', 'Answer': text},
    'program_synthesis': {
      'description': f'Print {i}.',
      'solutions': {'language': [3], 'solution': [f'print {i}']},
    },
  }[suite]


def write_suites(folder: Path) -> dict[str, list[str]]:
  """Writes a file of tasks of each suite; returns the folders."""
  # One of the default track's training tasks, and one of its test tasks.
  for name in (task_files.NIV2[0], 'task039_qasc_find_overlapping_words'):
    task_files.write_niv2(folder / 'niv2', name, ROWS)
  task_files.write_cot(folder / 'cot', 'gsm8k', ROWS)
  p3 = next(catalog.tasks(suite='t0_sf')).sources[0].locator
  for suite, name in {
    'flan2021': 'BoolQ/train.jsonl',
    't0_sf': f'{p3}/train.jsonl',
    'dialog': 'qrecc/train.jsonl',
    'program_synthesis': 'deepmind/code_contests/train.jsonl',
  }.items():
    lines = [json.dumps(rows_of(suite, i)) for i in range(ROWS)]
    path = folder / suite / name
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(lines) + '\n')
  # For mixtures that hold reading comprehension out.
  rows = ({'question': f'what is {i}', 'answer': [f'{i}']} for i in range(ROWS))
  path = folder / 'flan2021/NQ-open.train.jsonl'
  path.write_text('\n'.join(map(json.dumps, rows)) + '\n')
  return {path.name: [str(path)] for path in sorted(folder.iterdir())}


@pytest.fixture(scope='module')
def with_newlines(vocabulary_path) -> str:
  """A vocabulary that can write programs, which T5's cannot."""
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(vocabulary_path).read_bytes())
  model.normalizer_spec.precompiled_charsmap = b''
  model.normalizer_spec.remove_extra_whitespaces = False
  kind = sentencepiece_model_pb2.ModelProto.SentencePiece.USER_DEFINED
  model.pieces.add(piece='\n', score=0.0, type=kind)
  path = Path(vocabulary_path).with_name('with_newlines.model')
  path.write_bytes(model.SerializeToString())
  return str(path)


@pytest.fixture(scope='module')
def runs(tmp_path_factory, with_newlines) -> list[str]:
  """Outputs of `ul2` and `flan` with their own defaults."""
  folder = tmp_path_factory.mktemp('default_runs')
  text = write(folder / 'a.jsonl', documents(40))
  sources = write_suites(folder / 'tasks')
  outputs = []
  for preset in ('ul2r', 'ul2', 'ul2_appendix', 'pile_t5', 'causal_lm'):
    outputs.append(str(folder / preset))
    config = ul2.Config(inputs=[text], vocabulary=with_newlines, preset=preset)
    ul2.run(config, output=outputs[-1], engine=HERE)
  config = flan.Config(sources=sources, vocabulary=with_newlines)
  outputs.append(str(folder / 'flan'))
  flan.run(config, output=outputs[-1], engine=HERE)
  return outputs


def mixed(runs: list[str], output: Path, mixture: str, **more: Any) -> Manifest:
  config = mix.Config(
    manifests=runs, mixture=mixture, num_examples=30, min_shards=1, **more
  )
  made = mix.run(config, output=str(output), engine=HERE)
  assert made.run['counts']['mix']['train/places'] == 30
  return made


@pytest.mark.parametrize('mixture', shipped())
def test_a_mixture_is_packed_of_default_runs(runs, tmp_path, mixture):
  made = mixed(runs, tmp_path, mixture, pack='enc_dec')
  lengths = {'inputs': 2048, 'targets': 512}
  assert {k: made.features[k].length for k in lengths} == lengths


@pytest.fixture(scope='module')
def annotated(tmp_path_factory, vocabulary_path) -> list[str]:
  """A run of `ul2` with provenance, and one of `flan` with text as well."""
  folder = tmp_path_factory.mktemp('annotated')
  text = write(folder / 'a.jsonl', documents(40))
  task_files.write_cot(folder / 'cot', 'gsm8k', ROWS)
  config = ul2.Config(
    inputs=[text], vocabulary=vocabulary_path, provenance=True, min_shards=1
  )
  ul2.run(config, output=f'{folder}/ul2r', engine=HERE)
  config = flan.Config(
    sources={'cot': [f'{folder}/cot']},
    vocabulary=vocabulary_path,
    settings=['zs_opt'],
    provenance=True,
    keep_text=True,
  )
  flan.run(config, output=f'{folder}/flan', engine=HERE)
  return [f'{folder}/ul2r', f'{folder}/flan']


SHARED = {'provenance/source', 'provenance/key'}
OF_FLAN = {
  'inputs_pretokenized',
  'targets_pretokenized',
  'provenance/template',
  'provenance/exemplars',
}
OF_UL2 = {'provenance/denoiser'}


@pytest.mark.parametrize('keep', [False, True])
def test_text_that_not_all_runs_have_is_dropped_or_kept(
  annotated, tmp_path, keep
):
  made = mixed(annotated, tmp_path, 'ul2r_flan2022', keep_strings=keep)
  ids = {'inputs', 'targets'}
  names = ids | SHARED | (OF_FLAN | OF_UL2 if keep else set())
  assert made.features.keys() == names
  assert made.features['inputs'].length == 2048
  # Each example is that of its run, but for the text that only others have.
  stored = set()
  for folder in annotated:
    run = manifest_of(folder)
    for name in run.data_sets:
      for record in records_of(Path(folder), name, 'train'):
        features = {k: [b''] for k in names - ids}
        features |= decode_example(record, names)
        stored.add(frozen(features))
  (name,) = made.data_sets
  records = records_of(tmp_path, name, 'train')
  assert {frozen(decode_example(record)) for record in records} <= stored


def frozen(features: Mapping[str, Any]) -> frozenset[Any]:
  return frozenset((name, tuple(values)) for name, values in features.items())


def test_what_is_dropped_is_told(annotated, tmp_path):
  config = mix.Config(manifests=annotated, mixture='ul2r_flan2022')
  planned = mix.plan(config, output=str(tmp_path))
  assert set(planned.facts['features_left_out']) == OF_FLAN | OF_UL2
  assert '--keep_strings keeps them' in planned.outline
