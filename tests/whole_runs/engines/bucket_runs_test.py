"""Runs on buckets write the bytes of local runs, also where calls fail."""

import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.buckets.services import Service
from support.corpora import documents, prose, tree, write
from support.task_files import write_collection

from ul2_flan.mixtures import __main__ as mixtures_main
from ul2_flan.pipelines import flan, mix, ul2, verify
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.run import changes
from ul2_flan.tasks import __main__ as tasks_main
from ul2_flan.tasks.buckets.retries import TRIES, BucketError
from ul2_flan.tasks.denoising.denoiser import preset_text
from ul2_flan.tasks.errors import UserError

ROOT = Path(__file__).parents[3]

MIXTURE = """
[[mixtures]]
name = "mine"
description = "Two suites"
parts = [
  { name = "cot", suites = ["cot"], weight = 0.5 },
  { name = "niv2", suites = ["niv2"], weight = 0.5 },
]
"""

UL2 = ['--inputs_length=64', '--targets_length=64', '--min_shards=2']
UL2 += ['--validation_fraction=0.1']
FLAN = [
  '--inputs_length=1024',
  '--targets_length=128',
  '--settings=zs_opt,fs_opt',
]
MIX = ['--mixture=mine', '--num_examples=200', '--min_shards=2']


def ul2_flags(root: str) -> list[str]:
  return [
    *('--input', f'{root}/in/text', f'--denoisers={root}/in/own.toml'),
    *(f'--vocabulary={root}/in/v.model', f'--output={root}/ul2', *UL2),
  ]


def flan_flags(root: str) -> list[str]:
  sources = [f'--source={s}={root}/in/{s}' for s in ('niv2', 'cot')]
  return [
    *(*sources, f'--templates={root}/in/templates', *FLAN),
    '--templates_missing=ours',
    *(f'--vocabulary={root}/in/v.model', f'--output={root}/flan'),
  ]


def mix_flags(root: str) -> list[str]:
  return [
    *('--manifest', f'{root}/flan', f'--definitions={root}/in/mine.toml'),
    *(f'--output={root}/mixed', *MIX),
  ]


RUNS = [
  ('ul2', ul2.main, ul2_flags),
  ('flan', flan.main, flan_flags),
  ('mixed', mix.main, mix_flags),
]


def without_places(files: dict[str, bytes], root: str) -> dict[str, object]:
  """Files without the paths that a manifest names, to compare two places."""
  found: dict[str, object] = dict(files)
  for name, data in files.items():
    if name.endswith('manifest.json'):
      text = json.loads(data.decode().replace(root, 'ROOT'))
      del text['crc32c']  # that of the paths, too
      found[name] = _without(text, 'plan')
  return found


def _without(value: Any, key: str) -> Any:
  """Drops a key: plans' fingerprints cover paths, and `mix` lists several."""
  if isinstance(value, list):
    return [_without(v, key) for v in value]
  if not isinstance(value, dict):
    return value
  return {k: _without(v, key) for k, v in value.items() if k != key}


@pytest.fixture(scope='session')
def local(
  tmp_path_factory: pytest.TempPathFactory, vocabulary_path: str
) -> Path:
  """Sources and the outputs of all three pipelines, on this machine."""
  root = tmp_path_factory.mktemp('local')
  write(root / 'in/text/a.jsonl', documents(40))
  write(root / 'in/text/b.jsonl.gz', documents(20))
  table = pa.table({'text': prose(60)[40:]})
  pq.write_table(table, root / 'in/text/c.parquet', row_group_size=5)
  write_collection(root / 'in')
  own = preset_text('ul2r').replace('name = "ul2r"', 'name = "own"', 1)
  write(root / 'in/own.toml', own.encode())
  write(root / 'in/mine.toml', MIXTURE.encode())
  write(root / 'in/v.model', Path(vocabulary_path).read_bytes())
  words = (ROOT / 'tasks/templates/reasoning.toml').read_bytes()
  write(root / 'in/templates/reasoning.toml', words)
  for _, main, flags in RUNS:
    assert main([*flags(str(root)), '--local_workers=1']) == 0
  return root


def run(service: Service, which: int, *flags: str) -> int:
  _, main, flags_of = RUNS[which]
  root = service.path('').rstrip('/')
  where = flags_of(root)
  return main([*where, '--local_workers=1', *service.flags, *flags])


def check(service: Service, local: Path, *names: str) -> None:
  """Compares outputs with the local ones: the same files, and no others."""
  for name in names:
    there = without_places(service.files(name), service.path('').rstrip('/'))
    here = without_places(tree(local / name), str(local))
    assert there.keys() == here.keys()
    for path, data in there.items():
      if isinstance(data, dict):
        assert changes.differences(data, here[path]) == []
      assert data == here[path], path


def test_all_pipelines_and_commands(
  service: Service, local: Path, capsys: pytest.CaptureFixture[str]
):
  service.fill('in', tree(local / 'in'))
  assert run(service, 0, '--plan_only') == 0
  assert service.files('ul2') == {}
  for which in range(3):
    assert run(service, which) == 0
  check(service, local, 'ul2', 'flan', 'mixed')
  for name in ('ul2', 'flan', 'mixed'):
    assert verify.main([service.path(name), *service.flags]) == 0
  capsys.readouterr()
  assert run(service, 0) == 0
  assert 'is complete; there is nothing to do' in capsys.readouterr().out
  manifest = service.path('flan')
  mine = ['--definitions', service.path('in/mine.toml')]
  show = ['show', 'mine', '--manifest', manifest, *mine, '--tasks']
  assert mixtures_main.main(show) == 0
  assert 'flan:cot:gsm8k:zs_opt' in capsys.readouterr().out
  templates = ['--templates', service.path('in/templates')]
  assert tasks_main.main(['show', 'cot:gsm8k', *templates]) == 0


def test_beams_own_runner(service: Service, local: Path):
  service.fill('in', tree(local / 'in'))
  assert run(service, 0, '--runner=FnApiRunner') == 0
  check(service, local, 'ul2')


def test_verify_sees_what_has_changed(
  service: Service, local: Path, capsys: pytest.CaptureFixture[str]
):
  service.fill('ul2', tree(local / 'ul2'))
  shards = [n for n in service.files('ul2') if 'train.tfrecord' in n]
  path = service.path(f'ul2/{shards[0]}')
  whole = service.bucket.read_bytes(path)
  changed = whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:]
  for data, word in ((whole[:-1], 'truncated'), (changed, 'corrupt')):
    service.bucket.write_bytes(path, data)
    assert verify.main([service.path('ul2'), *service.flags]) == 1
    assert f'{word}: {path}' in capsys.readouterr().out
  service.bucket.delete([path])
  assert verify.main([service.path('ul2'), *service.flags]) == 1
  assert f'missing: {path}' in capsys.readouterr().out


FAULTS = {
  'reads are cut': [('read', '', {'cut': 'open', 'times': 4})],
  'reads are cut in silence': [('read', '', {'cut': 'silent', 'times': 4})],
  'reads are slow': [('read', '', {'delay': 0.1, 'times': 4})],
  'writes fail': [('write', '', {'status': 503, 'times': 5})],
  'answers to writes are lost': [('write', '', {'cut': 'late', 'times': 5})],
  'too many requests': [
    (kind, '', {'status': 429, 'times': 5})
    for kind in ('stat', 'read', 'write', 'list', 'delete')
  ],
}


@pytest.mark.parametrize('faults', FAULTS)
def test_a_run_survives(service: Service, local: Path, faults: str):
  service.fill('in', tree(local / 'in'))
  service.proxy.reset()
  made = [service.proxy.fail(k, n, **how) for k, n, how in FAULTS[faults]]
  assert run(service, 0) == 0
  assert all(fault.hits == fault.times for fault in made)
  check(service, local, 'ul2')


@pytest.mark.parametrize(
  ('name', 'status'),
  [
    ('train.tfrecord-00001-of-00002', 503),
    ('item-000000.json', 403),
    ('manifest.json', 503),
    ('COMPLETED', 403),
  ],
)
def test_a_write_that_always_fails_is_named_and_the_run_can_go_on(
  service: Service,
  local: Path,
  name: str,
  status: int,
  capsys: pytest.CaptureFixture[str],
):
  service.fill('in', tree(local / 'in'))
  service.proxy.reset()
  service.proxy.fail('write', name, status=status, times=10_000)
  assert run(service, 0) == 1
  said = capsys.readouterr().err
  assert name in said.split('error: ')[-1]
  assert 'the same command goes on' in said
  # Each try of the work item tries the call, up to seven times.
  tries = service.proxy.count('write', name)
  assert tries <= (7 * 3 if status == 503 else 3) * 8
  service.proxy.reset()
  there = service.files('ul2')
  assert not [n for n in there if n.endswith(name)]
  whole = tree(local / 'ul2')
  for other, data in there.items():
    assert (
      other.startswith('_progress/')
      or whole.get(other) == data
      or (other == 'manifest.json')
    )
  assert run(service, 0) == 0
  check(service, local, 'ul2')
  assert service.uploads() == []


def test_templates_are_imported_to_a_bucket(
  service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
  words = (
    'PATTERNS = {"multi_news": [("{text} In short:", "{summary}")]}\n'
    'PATTERNS_NO_OPTIONS = {}\n'
    'FEWSHOT_PATTERNS = {}\n'
    'INLINE_FS_PATTERNS = {}\n'
  )
  folder = tmp_path / 'flan' / 'v2'
  folder.mkdir(parents=True)
  (folder / 'templates.py').write_text(words)
  (folder / 'flan_templates_branched.py').write_text('PATTERNS = {}\n')
  command = ['import_flan_templates', str(tmp_path), '--output']
  assert tasks_main.main([*command, str(tmp_path / 'out')]) == 0
  assert tasks_main.main([*command, service.path('out')]) == 0
  assert service.files('out') == tree(tmp_path / 'out')
  assert service.files('out')
  assert tasks_main.main([*command, service.path('out')]) == 2
  assert 'exists: remove it' in capsys.readouterr().err


def test_a_read_that_fails_for_good_is_never_damage(
  service: Service, local: Path, capsys: pytest.CaptureFixture[str]
):
  """A file whose bytes are lost on the way is not a truncated file."""
  service.fill('in', tree(local / 'in'))
  service.proxy.reset()
  cut = {'cut': 'silent', 'times': 10_000}
  service.proxy.fail('read', 'b.jsonl.gz', **cut)
  with pytest.raises(BucketError, match=r'in/text/b\.jsonl\.gz: cannot read'):
    run(service, 0)  # planning reads it first
  service.proxy.reset()
  service.proxy.fail('write', 'plan.json', status=403)
  with pytest.raises(UserError, match=r'cannot write to --output.*plan\.json'):
    run(service, 0)
  reads = service.proxy.count('read', 'b.jsonl.gz')
  fault = service.proxy.fail('read', 'b.jsonl.gz', after=reads, **cut)
  assert run(service, 0) == 1
  assert fault.hits == 3 * TRIES
  said = capsys.readouterr().err
  assert f'{service.path("in/text/b.jsonl.gz")}: cannot read, tried 7' in said
  service.proxy.reset()
  assert run(service, 0) == 0
  check(service, local, 'ul2')


def test_an_error_before_the_run_begins_is_one_line(
  capsys: pytest.CaptureFixture[str],
):
  def main(argv: object) -> int:
    raise BucketError('gs://b/x: cannot read, tried 7 times in 40 s: 503')

  with pytest.raises(SystemExit) as e:
    command.run_main(main)
  assert e.value.code == 1
  assert capsys.readouterr().err.startswith('error: BucketError: gs://b/x: ')


def test_commands_in_processes_of_their_own(service: Service, local: Path):
  """The options of buckets reach the workers of a command."""
  service.fill('in', tree(local / 'in'))
  flags = list(service.flags)
  environment = dict(os.environ)
  if service.scheme == 's3':
    for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):
      del environment[name]
    flags += ['--s3_access_key_id=a', '--s3_secret_access_key=b']
  where = ul2_flags(service.path('').rstrip('/'))
  # Once, since a process of its own waits for as long as people's do.
  fault = service.proxy.fail('read', 'in/', cut='open')
  command = [sys.executable, '-m', 'ul2_flan.pipelines.ul2', *where, *flags]
  done = subprocess.run(
    [*command, '--local_workers=2'],
    env=environment,
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stderr
  assert fault.hits == 1
  check(service, local, 'ul2')
