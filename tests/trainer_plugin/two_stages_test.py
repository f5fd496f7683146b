"""UL2R and Flan with T5X itself, on a CPU: minutes, where T5X is installed."""

from collections.abc import Callable
import dataclasses
import importlib.util
from pathlib import Path
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
import tensorflow as tf

from ul2_flan.pipelines import flan, ul2
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.register import load_manifest

pytestmark = pytest.mark.skipif(
  importlib.util.find_spec('t5x') is None,
  reason='needs T5X, which is on no package index',
)

UL2R_STEPS, FLAN_STEPS, PERIOD = 150, 150, 75
SETTINGS = [
  '--gin.BATCH_SIZE=8',
  '--gin.LEARNING_RATE=0.01',
  '--ul2r.FINAL_LEARNING_RATE=0.001',
  f'--gin.EVAL_PERIOD={PERIOD}',
  f'--gin.SAVE_PERIOD={PERIOD}',
  '--gin.EVAL_STEPS=4',
  '--gin.train.stats_period=1',
  '--gin.train.run_eval_before_training=True',
]
LENGTHS = ['--inputs_length=128', '--targets_length=128']
TASKS = [
  'niv2:task565_circa_answer_generation',
  'niv2:task591_sciq_answer_generation',
  'niv2:task927_yelp_negative_to_positive_style_transfer',
  'cot:creak_explanation',
]


@dataclasses.dataclass
class Trained:
  """What both stages left.

  Attributes:
    model: name of the model file.
    folder: of the stages' folders.
    flan: path of the Flan data.
    stages: the command that trained it.
    suites: path of evaluation data.
  """

  model: str
  folder: Path
  flan: str
  stages: list[str]
  suites: str

  def command(self, *more: str) -> list[str]:
    configs = 'ul2_flan/trainer_plugin/configs'
    return [
      sys.executable,
      *('-m', 't5x.train'),
      f'--gin_file={configs}/models/{self.model}.gin',
      f'--gin_file={configs}/runs/flan.gin',
      f'--gin.MANIFEST="{self.flan}"',
      *(s for s in SETTINGS if s.startswith('--gin.')),
      *more,
    ]


def run(command: list[str]) -> str:
  result = subprocess.run(command, capture_output=True, text=True, check=False)
  assert result.returncode == 0, result.stderr[-3000:]
  return result.stdout


def losses(folder: Path) -> dict[int, float]:
  """Loss by step, of the events in a folder."""
  found = {}
  for path in sorted(folder.glob('events.*')):
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
      event = tf.compat.v1.Event.FromString(record)
      for value in event.summary.value:
        if value.tag == 'loss_per_nonpadding_target_token':
          found[event.step] = float(tf.make_ndarray(value.tensor))
  return found


def parameters(checkpoint: Path) -> dict[str, np.ndarray]:
  import jax
  import orbax.checkpoint

  with warnings.catch_warnings():
    # It would rather be told how to divide them among devices.
    warnings.simplefilter('ignore')
    state = orbax.checkpoint.PyTreeCheckpointer().restore(checkpoint / 'state')
  leaves = jax.tree_util.tree_flatten_with_path(state['target'])[0]
  return {jax.tree_util.keystr(path): np.asarray(x) for path, x in leaves}


@pytest.fixture(scope='module')
def make(shared_data, vocabulary_path, tmp_path_factory) -> Callable[..., str]:
  """Makes data for a kind of model: of UL2R or of Flan."""
  folder = tmp_path_factory.mktemp('data')
  text = f'{shared_data}/text/en/en.00000-of-00011.jsonl.gz'

  def one(which: str, *more: str) -> str:
    output = str(folder / f'{which}{"".join(more)}')
    shared = ['--vocabulary', vocabulary_path, '--output', output, *LENGTHS]
    if which == 'ul2r':
      flags = ['--input', text, '--per_denoiser']
      flags += ['--validation_fraction=0.02', '--min_shards=2']
      assert ul2.main([*shared, *flags, *more]) == 0
    else:
      flags = [f'--source=niv2={shared_data}/niv2/tasks']
      flags += [f'--source=cot={shared_data}/cot', f'--tasks={",".join(TASKS)}']
      flags += ['--settings=zs_opt', '--cap=1000', '--validation_fraction=0.1']
      assert flan.main([*shared, *flags, *more]) == 0
    return output

  return one


@pytest.fixture(scope='module', params=['tiny_t5', 'tiny_lm'])
def trained(
  request, make, benchmarks, decoder_benchmarks, tmp_path_factory
) -> Trained:
  """Both stages of a model, by the runner."""
  is_decoder = request.param == 'tiny_lm'
  more = ['--decoder_only'] if is_decoder else []
  suites = decoder_benchmarks if is_decoder else benchmarks
  folder = tmp_path_factory.mktemp(request.param)
  data = {name: make(name, *more) for name in ('ul2r', 'flan')}
  command = [sys.executable, '-m', 'ul2_flan.trainer_plugin.stages']
  command += [f'--model={request.param}', f'--model_dir={folder}']
  command += [f'--manifest={name}={path}' for name, path in data.items()]
  command += [f'--ul2r.STEPS={UL2R_STEPS}', f'--flan.STEPS={FLAN_STEPS}']
  # A few prompts of each suite are answered at each evaluation of Flan's stage.
  command += [f'--flan.BENCHMARKS="{suites}"', '--flan.BENCHMARK_EXAMPLES=2']
  command += SETTINGS
  run(command)
  assert run(command).count('===') == 0  # all is done
  return Trained(request.param, folder, data['flan'], command, suites)


def test_losses_fall_and_steps_go_on(trained):
  ul2r = losses(trained.folder / 'ul2r' / 'train')
  tuned = losses(trained.folder / 'flan' / 'train')
  last = UL2R_STEPS + FLAN_STEPS
  assert list(ul2r) == list(range(1, UL2R_STEPS + 1))
  assert list(tuned) == list(range(UL2R_STEPS + 1, last + 1))
  for stage in (list(ul2r.values()), list(tuned.values())):
    assert np.mean(stage[-10:]) < np.mean(stage[:10]) - 0.3
  for stage, steps in [('ul2r', (0, 75, 150)), ('flan', (150, 225, 300))]:
    for step in steps:
      assert (trained.folder / stage / f'checkpoint_{step}').is_dir()


def test_each_denoiser_and_suite_is_evaluated(trained):
  folders = {
    stage: {
      path.name for path in (trained.folder / stage / 'training_eval').iterdir()
    }
    for stage in ('ul2r', 'flan')
  }
  assert folders['ul2r'] == {'eval:ul2r'} | {
    f'ul2r:{d}' for d in ('r_3_15', 's_50', 'x_32_15', 'x_3_50')
  }
  assert folders['flan'] == {
    'eval:flan', 'eval:flan:niv2', 'flan:cot:creak_explanation:zs_opt'
  }  # fmt: skip


def test_the_second_stage_starts_from_the_first(trained):
  name = f'checkpoint_{UL2R_STEPS}'
  first = parameters(trained.folder / 'ul2r' / name)
  second = parameters(trained.folder / 'flan' / name)
  assert first.keys() == second.keys()
  assert all(np.array_equal(first[key], second[key]) for key in first)


def test_evaluation_gets_better_with_each_stage(trained, tmp_path, capsys):
  run(
    trained.command(
      '--gin.INITIAL_CHECKPOINT_PATH=None',
      f'--gin.MODEL_DIR="{tmp_path}"',
      '--gin.STEPS=1',
    )
  )
  name = Path('training_eval', 'eval:flan')
  random = losses(tmp_path / name)[0]
  tuned = losses(trained.folder / 'flan' / name)
  after_ul2r, after_flan = tuned[UL2R_STEPS], tuned[UL2R_STEPS + FLAN_STEPS]
  with capsys.disabled():
    print(
      f'\n{trained.model}, loss on Flan validation data: random {random:.3f}, '
      f'after UL2R {after_ul2r:.3f}, after Flan {after_flan:.3f}'
    )
  assert after_flan < after_ul2r - 0.3
  assert after_ul2r < random - 0.3


def test_suites_are_answered_while_flan_is_trained(trained):
  answers = trained.folder / 'flan' / 'inference_eval'
  steps = (UL2R_STEPS, UL2R_STEPS + PERIOD, UL2R_STEPS + FLAN_STEPS)
  for name in load_manifest(trained.suites).data_sets:
    for step in steps:
      lines = (answers / f'{name}-{step:06d}.jsonl').read_text().splitlines()
      assert len(lines) == 2


def test_each_stage_is_scored_on_all_suites(trained, capsys):
  told = run(
    [
      *trained.stages,
      f'--benchmarks={trained.suites}',
      '--eval.DECODER=@sampled/decoding.temperature_sample',
      '--eval.ANSWER_LENGTH=24',
      '--eval.BATCH_SIZE=8',
    ]
  )
  rows = {line.split()[0]: line for line in told.splitlines() if line.split()}
  assert {'ul2r', 'flan', 'Flan-T5-xl'} <= rows.keys()
  # All six parts of the normalised average.
  assert '-' not in rows['flan'].split()[2:]
  read = predictions.read([f'{trained.folder}/benchmarks/flan/inference_eval'])
  assert {len(one.samples) for one in read.predictions} == {4}
  overview = Overview(read)
  with capsys.disabled():
    print(f'\n{told}', *overview.lines(), sep='\n')


def stop_after(checkpoint: Path, command: list[str]) -> None:
  """Kills a run once it has saved a checkpoint and goes on."""
  process = subprocess.Popen(
    command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
  )
  try:
    for _ in range(6000):
      if checkpoint.is_dir() or process.poll() is not None:
        break
      time.sleep(0.1)
  finally:
    process.kill()
  assert process.wait() == -signal.SIGKILL, 'it ended before it was stopped'
  assert checkpoint.is_dir()


def test_a_stopped_run_sees_what_it_would_have_seen(trained, tmp_path):
  middle, last = UL2R_STEPS + PERIOD, UL2R_STEPS + FLAN_STEPS
  command = trained.command(
    f'--gin.INITIAL_CHECKPOINT_PATH="{trained.folder}/ul2r/checkpoint_150"',
    f'--gin.MODEL_DIR="{tmp_path}"',
    f'--gin.STEPS={FLAN_STEPS}',
  )
  stop_after(tmp_path / f'checkpoint_{middle}', command)
  # Its last event may be half written.
  for path in (tmp_path / 'train').iterdir():
    path.unlink()
  run(command)
  resumed = losses(tmp_path / 'train')
  whole = losses(trained.folder / 'flan' / 'train')
  assert resumed == {step: whole[step] for step in range(middle + 1, last + 1)}
