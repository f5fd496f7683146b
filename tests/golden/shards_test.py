"""Every kind of run still writes the bytes of the golden file, on any engine.

Other bytes break the runs of everybody who resumes or compares them. After a
change that is meant, `python tests/golden/shards_test.py` writes the file anew,
and the changelog says what changed.
"""

from collections.abc import Mapping
import gzip
import hashlib
import importlib
import json
from pathlib import Path
import subprocess
import sys
import tempfile

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name('shards.json')
DATA = ROOT.parent / 'shared' / 'data'

SETTINGS = '--settings=zs_opt,zs_noopt,fs_opt,fs_noopt'
LENGTHS = ('--inputs_length=512', '--targets_length=512')
TASKS = (
  'niv2:task003_mctaco_question_generation_event_duration',
  'niv2:task037_qasc_generate_related_fact',
  'cot:gsm8k',
  'cot:strategyqa',
  't0_sf:ag_news_classify',
  'flan2021:bool_q',
  'flan2021:glue_mrpc',
)
SUITES = {
  'niv2': 'niv2/tasks',
  't0_sf': 'p3/rendered',
  'cot': 'cot',
  'flan2021': 'flan2021',
}

EVALUATION = (
  ('bbh', 'bbh'),
  ('bbh', 'bbh_cot-prompts'),
  ('mmlu', 'mmlu'),
  ('mmlu', 'mmlu_cot'),
  ('mgsm', 'mgsm'),
)

# Tests of the other engines (Flink, buckets) compare their bytes with local's.
ENGINES: Mapping[str, tuple[str, ...]] = {
  'two local workers': ('--local_workers=2',),
  "Beam's FnApiRunner": ('--runner=FnApiRunner',),
}

# A data set's name to a digest of its shards.
Digests = dict[str, str]


def run(pipeline: str, *flags: object) -> None:
  """Runs a command in this process, since a new one takes two seconds."""
  module = importlib.import_module(f'ul2_flan.pipelines.{pipeline}')
  assert module.main([*map(str, flags)]) == 0


def digests(output: Path) -> Digests:
  """Digests of shards: their names, records and bytes."""
  manifest = json.loads((output / 'manifest.json').read_bytes())
  found = {}
  for name, splits in manifest['data_sets'].items():
    digest = hashlib.sha256()
    for split in sorted(splits):
      for shard in splits[split]['shards']:
        data = (output / shard['path']).read_bytes()
        line = f'{shard["path"]} {shard["records"]} {len(data)}\n'
        digest.update(line.encode() + data)
    found[name] = digest.hexdigest()[:16]
  return found


def mixes(folder: Path, *flags: object) -> Digests:
  """Mixes the runs `ul2r` and `flan` of a folder: packed, and as they are."""
  found = {}
  for name, pack in (('mixed', ()), ('packed', ('--pack=enc_dec',))):
    run(
      'mix',
      *('--manifest', folder / 'ul2r', folder / 'flan'),
      *('--mixture=ul2r_flan2022', '--num_examples=1500', '--min_shards=3'),
      *('--epochs=2', '--name', name, '--output', folder / name),
      *(*pack, *flags),
    )
    found |= digests(folder / name)
  return found


def real_data(folder: Path, *engine: str) -> Digests:
  """Runs over text and tasks of ../shared/data, in a process that starts there.

  Provenance names a source as it was given, hence relative paths; and worker
  processes start where the process did that starts them.
  """
  command = [sys.executable, __file__, str(folder), *engine]
  done = subprocess.run(command, capture_output=True, text=True, cwd=DATA)
  assert done.returncode == 0, done.stderr
  found: Digests = json.loads(done.stdout.splitlines()[-1])
  return found


def of_real_data(folder: Path, *engine: str) -> Digests:
  """The same, where this process has started there."""
  text = folder / 'text.jsonl'
  with gzip.open(sorted(DATA.glob('text/en/*.gz'))[0], 'rt') as file:
    text.write_text(''.join(file.readlines()[:60]))
  model = ('--vocabulary=vocab/t5.spiece.model', *LENGTHS, *engine)
  small = ('--min_shards=3', '--validation_fraction=0.05')
  for name, source, more in (
    ('ul2', 'text/code', ('--preset=ul2', '--provenance')),
    ('ul2r', text, ('--preset=ul2r', '--per_denoiser')),
  ):
    run(
      'ul2',
      *('--input', source, '--name', name, '--output', folder / name),
      *(*model, *small, *more),
    )
  sources = [f'--source={suite}={path}' for suite, path in SUITES.items()]
  for name, tasks, more in (
    ('flan', TASKS, ()),
    ('text', TASKS[1:4], ('--keep_text', '--provenance')),
  ):
    run(
      'flan',
      *('--tasks', ','.join(tasks), SETTINGS, '--cap=80', '--strict'),
      *('--name', name, '--output', folder / name),
      *(*model, *sources, '--validation_fraction=0.05', *more),
    )
  run(
    'evaluation',
    *('--tasks=bbh:snarks,mmlu:anatomy,mgsm:de', '--samples=2'),
    *('--name=eval', '--output', folder / 'eval', *model),
    *(f'--source={suite}=eval/{path}' for suite, path in EVALUATION),
  )
  found = mixes(folder, '--include', 'in_flan2021', *engine)
  for name in ('ul2', 'ul2r', 'flan', 'text', 'eval'):
    found |= digests(folder / name)
  return found


def of_the_demo(folder: Path, *engine: str) -> Digests:
  """Runs over what `make demo` takes, which differs between Pythons.

  The digest of these inputs is there too, under 'inputs'.
  """
  sys.path.insert(0, str(ROOT / 'scripts'))
  import demo_tasks
  import prose

  prose.write_corpus(folder / 'text', shards=4)
  model = folder / 'vocabulary.model'
  prose.train_vocabulary(model, size=4000)
  suites = demo_tasks.write(folder / 'tasks')
  sys.path.remove(str(ROOT / 'scripts'))
  inputs = [model, *sorted(folder.glob('text/*'))]
  inputs += sorted(path for path in folder.glob('tasks/**/*') if path.is_file())
  digest = hashlib.sha256(b''.join(path.read_bytes() for path in inputs))
  found = {'inputs': digest.hexdigest()[:16]}
  if found['inputs'] != golden()['demo'].get('inputs', found['inputs']):
    return found
  both = (f'--vocabulary={model}', *LENGTHS, '--validation_fraction=0.02')
  run(
    'ul2',
    *('--input', folder / 'text', '--id_field=id', '--preset=ul2r'),
    *('--per_denoiser', '--output', folder / 'ul2r', *both, *engine),
  )
  run(
    'flan',
    *(f'--source={suite}={path}' for suite, path in suites.items()),
    *('--unlisted', SETTINGS, '--output', folder / 'flan', *both, *engine),
  )
  found |= mixes(folder, '--include', 'unlisted', *engine)
  return found | digests(folder / 'ul2r') | digests(folder / 'flan')


def golden() -> dict[str, Digests]:
  """The golden file; empty before it is written for the first time."""
  if not GOLDEN.exists():
    return {'real data': {}, 'demo': {}}
  found: dict[str, Digests] = json.loads(GOLDEN.read_bytes())
  return found


@pytest.mark.usefixtures('shared_data')
@pytest.mark.parametrize('engine', ENGINES.values(), ids=ENGINES.keys())
def test_runs_over_real_data(engine: tuple[str, ...], tmp_path: Path):
  assert real_data(tmp_path, *engine) == golden()['real data']


def test_runs_over_the_demo(tmp_path: Path):
  found = of_the_demo(tmp_path, '--local_workers=1')
  if len(found) == 1:
    pytest.skip("this Python's library has other texts than the golden file's")
  assert found == golden()['demo']


def write() -> None:
  made = {}
  for name, make in (('real data', real_data), ('demo', of_the_demo)):
    with tempfile.TemporaryDirectory() as folder:
      made[name] = make(Path(folder))
  GOLDEN.write_text(json.dumps(made, indent=2, sort_keys=True) + '\n')


if __name__ == '__main__':
  if sys.argv[1:]:
    print(json.dumps(of_real_data(Path(sys.argv[1]), *sys.argv[2:])))
  else:
    write()
