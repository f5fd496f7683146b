"""What clusters run: all three pipelines, on some text and tasks."""

from collections.abc import Iterator
import gzip
from pathlib import Path
import shutil
import subprocess
import sys

import pytest
from support.corpora import documents
from support.house.modules import ROOT
from support.task_files import write_collection

TASKS = (
  'niv2:task003_mctaco_question_generation_event_duration',
  'cot:gsm8k',
  't0_sf:ag_news_classify',
  'flan2021:bool_q',
)


@pytest.fixture(scope='session')
def sources(tmp_path_factory, vocabulary_path) -> dict[str, list[str]]:
  """Flags that name what is read: real data if it is there."""
  folder = tmp_path_factory.mktemp('sources')
  shared = ROOT.parent / 'shared' / 'data'
  if not shared.is_dir():
    write_collection(folder)
    text = documents(400).splitlines(keepends=True) * 100
    suites, tasks = {k: folder / k for k in ('niv2', 'cot')}, []
  else:
    vocabulary_path = str(shared / 'vocab' / 't5.spiece.model')
    with gzip.open(sorted(shared.glob('text/en/*.gz'))[0]) as file:
      text = file.readlines()
    names = {'niv2': 'niv2/tasks', 't0_sf': 'p3/rendered'}
    names |= {k: k for k in ('cot', 'flan2021')}
    suites = {k: shared / name for k, name in names.items()}
    tasks = [f'--tasks={",".join(TASKS)}', '--cap=150']
  for i in range(16):
    (folder / f'{i:02}.jsonl').write_bytes(b''.join(text[i::16]))
  common = [f'--vocabulary={vocabulary_path}', '--validation_fraction=0.05']
  common += ['--inputs_length=512', '--targets_length=512']
  flan = [f'--source={suite}={path}' for suite, path in suites.items()]
  return {
    'ul2': [f'--input={folder}/*.jsonl', '--per_denoiser', *common],
    'flan': [*flan, *tasks, *common],
  }


@pytest.fixture(scope='session')
def commands(sources, tmp_path_factory) -> dict[str, list[str]]:
  """The commands that make all outputs in one folder, in this order."""
  # Manifests name the runs that are mixed: all engines write to the same paths.
  folder = tmp_path_factory.mktemp('runs') / 'chain'
  flags = {
    'ul2': [*sources['ul2'], '--name=text'],
    'flan': [*sources['flan'], '--name=tasks'],
    'mix': [
      *('--manifest', str(folder / 'ul2'), str(folder / 'flan')),
      *('--mixture', 'ul2r_flan2022', '--num_examples=2000'),
      *('--min_shards=4', '--pack=enc_dec', '--name=mixed'),
    ],
  }
  return {
    name: [
      *(sys.executable, '-m', f'ul2_flan.pipelines.{name}', *given),
      *('--output', str(folder / name)),
    ]
    for name, given in flags.items()
  }


@pytest.fixture(scope='session')
def local(commands) -> Path:
  """Outputs of the local runner."""
  for command in commands.values():
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
  folder = Path(commands['ul2'][-1]).parent
  return folder.rename(folder.with_name('local'))


@pytest.fixture(scope='module')
def chain(local) -> Iterator[Path]:
  """Where the same commands write on a cluster."""
  folder = local.with_name('chain')
  yield folder
  shutil.rmtree(folder, ignore_errors=True)
