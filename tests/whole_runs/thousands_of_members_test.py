"""The whole collection's data sets as members: quick, and in bounded memory."""

import json
from pathlib import Path
import subprocess
import sys
import time

import pytest
import seqio
from support.copied_runs import EVERYTHING, data_sets, write_run
from support.plans import plan_of

from ul2_flan.pipelines.report import __main__ as report
from ul2_flan.tasks.register import register

LENGTHS = {'inputs': 401, 'targets': 101}
ALL = sum(1 for _ in data_sets('x'))
FEW = 500

# Runs a command, and says what its process had at most. Files are counted
# where they are opened: a mixture's members, and what it writes.
MEASURE = """
import json, re, sys
from ul2_flan.pipelines import mix
from ul2_flan.pipelines.storage import files

opened = most = 0
def counted(make):
  class Counted:
    def __init__(self, *args):
      self.inner = make(*args)
    def __enter__(self):
      global opened, most
      opened += 1
      most = max(most, opened)
      return self.inner.__enter__()
    def __exit__(self, *error):
      global opened
      opened -= 1
      return self.inner.__exit__(*error)
  return Counted

files.open_read = counted(files.open_read)
files.whole_file = counted(files.whole_file)
assert mix.main([*sys.argv[1:], '--local_workers=1']) == 0
status = open('/proc/self/status').read()
peak = int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) / 1024
print(json.dumps({'peak_mb': peak, 'files': most}))
"""


@pytest.fixture(scope='module')
def runs(tmp_path_factory, vocabulary_path) -> dict[int, list[str]]:
  """Flags of a mix of few data sets, and of all, with the same examples."""
  folder = tmp_path_factory.mktemp('many')
  definitions = folder / 'everything.toml'
  definitions.write_text(EVERYTHING)
  made = {}
  for members in (FEW, ALL):
    run = write_run(
      folder / f'of{members}', vocabulary_path, members=members, examples=4
    )
    made[members] = ['--manifest', str(run), '--mixture', 'everything']
    made[members] += ['--definitions', str(definitions)]
    # In one process, so that its memory is the run's.
    made[members] += ['--runner', 'FnApiRunner']
    made[members] += ['--num_examples', '8000', '--name', f'mixed{members}']
    made[members] += ['--output', str(folder / f'mixed{members}')]
  return made


@pytest.fixture(scope='module')
def measured(runs) -> dict[int, dict[str, float]]:
  found = {}
  for members, flags in runs.items():
    command = [sys.executable, '-c', MEASURE, *flags]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found[members] = json.loads(done.stdout.splitlines()[-1])
  return found


def test_a_plan_of_all_takes_less_than_ten_seconds(runs):
  start = time.process_time()
  plan = plan_of('mix', runs[ALL])
  assert plan.fingerprint
  assert time.process_time() - start < 10
  assert len(plan.config['members']['train']) == ALL


def test_members_take_neither_memory_nor_files(measured):
  few, all_ = measured[FEW], measured[ALL]
  # The end of a run writes some small files side by side.
  assert max(all_['files'], few['files']) < 35
  # What a plan knows of a member is some hundred bytes.
  assert all_['peak_mb'] < few['peak_mb'] + 40


def test_the_first_batch_takes_less_than_ten_seconds(runs, measured):
  del measured  # which made the data set
  flags = runs[ALL]
  start = time.process_time()
  (name,) = register(str(Path(flags[flags.index('--output') + 1])))
  dataset = seqio.get_dataset(
    name,
    LENGTHS,
    seqio.EncDecFeatureConverter(pack=True),
    shuffle=True,
    use_cached=True,
    num_epochs=None,
    seed=0,
    verbose=False,
  ).batch(16)
  batch = next(dataset.as_numpy_iterator())
  assert time.process_time() - start < 10
  assert batch['encoder_input_tokens'].shape == (16, LENGTHS['inputs'])


def test_the_page_of_all_is_small_and_quick(runs, tmp_path: Path):
  """It reads a sample of each suite and setting, not of each data set."""
  _, output, *_ = runs[ALL]
  page = tmp_path / 'page.html'
  start = time.process_time()
  assert report.main([output, '--output', str(page)]) == 0
  assert time.process_time() - start < 10
  assert page.stat().st_size < 2_000_000
  assert f'<dd>{ALL:,}</dd>' in page.read_text()
