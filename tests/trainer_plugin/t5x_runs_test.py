"""T5X on several devices and hosts, and its inference: on a CPU."""

from collections.abc import Callable
import dataclasses
import importlib.util
import json
import os
from pathlib import Path
import re
import socket
import subprocess
import sys
from typing import Any

import pytest
from support import corpora

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin import record

pytestmark = pytest.mark.skipif(
  importlib.util.find_spec('t5x') is None,
  reason='needs T5X, which is on no package index',
)

CONFIGS = 'ul2_flan/trainer_plugin/configs'
EIGHT = {'XLA_FLAGS': '--xla_force_host_platform_device_count=8'}

THREE_STEPS = [
  '--gin.EVAL_MANIFESTS=()',
  '--gin.STEPS=3',
  '--gin.BATCH_SIZE=8',
  '--gin.SAVE_PERIOD=3',
  '--gin.LEARNING_RATE=0.01',
  '--gin.train.stats_period=1',
  # On a CPU all devices of a host divide the model, heads among it.
  '--gin.network.T5Config.num_heads=8',
]


@dataclasses.dataclass
class Run:
  """A program of T5X that was started; its log is a file, lest it blocks."""

  process: subprocess.Popen
  log: Path

  def ended(self) -> str:
    """Its log, once it has ended."""
    try:
      self.process.wait(timeout=600)
    finally:
      self.process.kill()
      self.process.wait()
    return self.log.read_text()


def finish(run: Run) -> str:
  log = run.ended()
  assert run.process.returncode == 0, log[-3000:]
  return log


@pytest.fixture(scope='module')
def launch(tmp_path_factory) -> Callable[..., Run]:
  """Starts a module of Python with some options."""
  folder = tmp_path_factory.mktemp('logs')

  def one(module: str, *options: str, **environment: str) -> Run:
    path = folder / f'{len(list(folder.iterdir()))}.log'
    with path.open('w') as log:
      process = subprocess.Popen(
        [sys.executable, '-m', module, *options, '--alsologtostderr'],
        stdout=subprocess.DEVNULL,
        stderr=log,
        env={**os.environ, **environment},
      )
    return Run(process, path)

  return one


@pytest.fixture(scope='module')
def start(launch) -> Callable[..., Run]:
  """Starts a program of T5X with one of our runs."""

  def one(program: str, run: str, *options: str, **environment: str) -> Run:
    files = ('models/tiny_t5.gin', f'runs/{run}.gin')
    of_gin = [f'--gin_file={CONFIGS}/{file}' for file in files]
    return launch(f't5x.{program}', *of_gin, *options, **environment)

  return one


def settings(data: str, folder: Path) -> list[str]:
  return [
    f'--gin.MANIFEST="{data}"',
    f'--gin.MODEL_DIR="{folder}"',
    '--gin.INITIAL_CHECKPOINT_PATH=None',
    *THREE_STEPS,
  ]


def train_losses(log: str) -> list[float]:
  pattern = r'collection=train .*?loss_per_nonpadding_target_token=([\d.]+)'
  return [float(found) for found in re.findall(pattern, log)]


@pytest.fixture(scope='module')
def one_device(
  start, by_denoiser, benchmarks, tmp_path_factory
) -> tuple[Path, list[float]]:
  """A run of some steps on one device: its folder and its losses."""
  folder = tmp_path_factory.mktemp('one')
  suites = [f'--gin.BENCHMARKS="{benchmarks}"', '--gin.EVAL_PERIOD=3']
  found = train_losses(
    finish(start('train', 'ul2r', *settings(by_denoiser, folder), *suites))
  )
  assert len(found) == 3
  return folder, found


def test_a_model_on_eight_devices_is_the_same(
  one_device, start, by_denoiser, tmp_path
):
  log = finish(
    start('train', 'ul2r', *settings(by_denoiser, tmp_path), **EIGHT)
  )
  sharding = (tmp_path / 'checkpoint_3' / 'state' / '_sharding').read_text()
  assert r'\"shape\": [1, 8]' in sharding
  assert r'\"partition_spec\": [\"model\", null]' in sharding
  assert train_losses(log) == pytest.approx(one_device[1], rel=1e-3)


def free_port() -> int:
  with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    return free.getsockname()[1]


def read_shares(manifest: str, hosts: int, folder: Path) -> list[Any]:
  """What each of some processes reads of a data set."""
  program = [sys.executable, str(Path(__file__).with_name('read_share.py'))]
  program += [manifest, str(free_port())]
  paths = [folder / f'{host}_of_{hosts}.json' for host in range(hosts)]
  started = [
    subprocess.Popen([*program, str(host), str(hosts), str(path)])
    for host, path in enumerate(paths)
  ]
  try:
    assert [process.wait(timeout=600) for process in started] == [0] * hosts
  finally:
    for process in started:
      process.kill()
      process.wait()
  return [json.loads(path.read_text()) for path in paths]


def test_two_processes_share_one_data_set_without_overlap(mixed, tmp_path):
  (whole,) = read_shares(mixed, 1, tmp_path)
  one, other = read_shares(mixed, 2, tmp_path)
  assert {one['share'], other['share']} == {0, 1}
  assert one['examples']
  assert other['examples']
  both = one['examples'] + other['examples']
  assert sorted(both) == sorted(whole['examples'])


def test_two_hosts_train_and_save_where_they_are(launch, by_denoiser, tmp_path):
  given = [f'--manifest=ul2r={by_denoiser}', f'--model_dir={tmp_path}']
  port = free_port()
  hosts = [
    launch(
      'ul2_flan.trainer_plugin.stages',
      '--model=tiny_t5',
      *given,
      *THREE_STEPS,
      '--multiprocess_gpu',
      f'--coordinator_address=127.0.0.1:{port}',
      '--process_count=2',
      f'--process_index={host}',
    )
    for host in range(2)
  ]
  logs = [finish(host) for host in hosts]
  for host, log in enumerate(logs, 1):
    assert f'Sharding at the data source: {host} of 2' in log
  assert len(train_losses(logs[0])) == 3
  last = tmp_path / 'ul2r' / 'checkpoint_3'
  saved = {path.name for path in (last / 'dataset').iterdir()}
  assert {'process_0-of-2', 'process_1-of-2'} <= saved
  assert record.read(str(tmp_path))['ul2r'].last == str(last)
  assert {path.name for path in tmp_path.iterdir()} == {'ul2r', 'stages.json'}


@pytest.mark.parametrize('mode_token', ['', '[NLU]'])
def test_prompts_with_blanks_and_modes(
  one_device, start, by_denoiser, tmp_path, mode_token
):
  prompts = tmp_path / 'prompts.txt'
  prompts.write_text('The <extra_id_0> of a name.\nThe name\n')
  finish(
    start(
      'infer',
      'infer',
      f'--gin.MANIFEST="{by_denoiser}"',
      f'--gin.PROMPTS="{prompts}"',
      f'--gin.CHECKPOINT_PATH="{one_device[0]}/checkpoint_3"',
      f'--gin.INFER_OUTPUT_DIR="{tmp_path}/answers"',
      f'--gin.MODE_TOKEN="{mode_token}"',
      '--gin.BATCH_SIZE=2',
      '--gin.network.T5Config.num_heads=8',
    )
  )
  (path,) = (tmp_path / 'answers').glob('prompts-predict.jsonl-*-of-00001')
  rows = [json.loads(line) for line in path.read_text().splitlines()]
  assert [row['inputs']['inputs_pretokenized'] for row in rows] == (
    prompts.read_text().splitlines()
  )
  assert all(isinstance(row['prediction'], str) for row in rows)


def test_llamas_special_ids(start, tmp_path):
  config = ul2.Config(
    inputs=[corpora.write(tmp_path / 'a.jsonl', corpora.documents(100))],
    vocabulary=corpora.write_llama(tmp_path / 'llama.model'),
    min_shards=1,
    inputs_length=64,
    targets_length=64,
    name='llama_ul2r',
  )
  data = str(tmp_path / 'data')
  ul2.run(config, output=data, engine=Engine(local_workers=1))
  log = finish(start('train', 'ul2r', *settings(data, tmp_path / 'model')))
  # No token is masked as padding: each target counts, EOS among them.
  assert len(train_losses(log)) == 3
  prompts = tmp_path / 'prompts.txt'
  prompts.write_text('The <extra_id_0> of a name.\nThe name\n')
  finish(
    start(
      'infer',
      'infer',
      f'--gin.MANIFEST="{data}"',
      f'--gin.PROMPTS="{prompts}"',
      f'--gin.CHECKPOINT_PATH="{tmp_path}/model/checkpoint_3"',
      f'--gin.INFER_OUTPUT_DIR="{tmp_path}/answers"',
      '--gin.BATCH_SIZE=2',
      '--gin.network.T5Config.num_heads=8',
    )
  )
  (path,) = (tmp_path / 'answers').glob('prompts-predict.jsonl-*-of-00001')
  assert len(path.read_text().splitlines()) == 2


def test_mistakes_are_named(start, decoder_only, tmp_path):
  given = settings(f'{tmp_path}/none', tmp_path)
  wrong_model = settings(decoder_only, tmp_path)
  for options, message in [
    (given, 'none/manifest.json'),
    (wrong_model, 'was made for a decoder-only model'),
  ]:
    run = start('train', 'ul2r', *options)
    # At the end of the stack trace, where it is seen.
    assert message in run.ended()[-1500:]
    assert run.process.returncode != 0


def test_suites_are_answered_while_a_model_trains(one_device, benchmarks):
  answers = one_device[0] / 'inference_eval'
  for name in load_manifest(benchmarks).data_sets:
    # Before the first step, and after the last.
    for step in (0, 3):
      assert (answers / f'{name}-{step:06d}.jsonl').stat().st_size


def evaluate(start, model: Path, data: str, output: Path, *more: str) -> str:
  """Runs `t5x.eval` on suites; returns the folder of answers."""
  run = start(
    'eval',
    'eval',
    f'--gin.MANIFEST="{data}"',
    f'--gin.CHECKPOINT_PATH="{model}/checkpoint_3"',
    f'--gin.EVAL_OUTPUT_DIR="{output}"',
    '--gin.BATCH_SIZE=4',
    '--gin.network.T5Config.num_heads=8',
    *more,
  )
  finish(run)
  return f'{output}/inference_eval'


def test_samples_of_all_suites_vote(one_device, start, benchmarks, tmp_path):
  sampled = '--gin.DECODER=@sampled/decoding.temperature_sample'
  answers = evaluate(start, one_device[0], benchmarks, tmp_path, sampled)
  read = predictions.read([answers])
  data_sets = load_manifest(benchmarks).data_sets
  scored = {f'plugin_eval:{p.task.name}:{p.variant}' for p in read.predictions}
  assert scored == data_sets.keys()
  assert {len(p.samples) for p in read.predictions} == {2}
  # Samples differ, and references are not decoded from ids.
  assert any(p.samples[0] != p.samples[1] for p in read.predictions)
  targets = {target for p in read.predictions for target in p.targets}
  assert 'Koira' in targets
  told = '\n'.join(Overview(read).lines())
  assert 'bbh:navigate  2' in told
  assert 'of 2' in told


STOCK = """
from __gin__ import dynamic_registration

import seqio
from t5x import utils

include 't5x/configs/runs/infer.gin'

VOCABULARY = @seqio.SentencePieceVocabulary()
seqio.SentencePieceVocabulary:
  sentencepiece_model_file = '{}'
  extra_ids = 100
utils.RestoreCheckpointConfig.dtype = 'float32'
"""


def test_inference_and_evaluation_give_the_same_scores(
  one_device, start, launch, benchmarks, vocabulary_path, tmp_path
):
  name = 'plugin_eval:bbh:navigate:cot'
  answers = evaluate(
    start,
    one_device[0],
    benchmarks,
    tmp_path / 'eval',
    f'--gin.MIXTURE_OR_TASK_NAME="{name}"',
  )
  # Stock gin files, and nothing of ours but a module that they import.
  path = tmp_path / 'infer.gin'
  path.write_text(STOCK.format(vocabulary_path))
  run = launch(
    't5x.infer',
    f'--gin_file={CONFIGS}/models/tiny_t5.gin',
    f'--gin_file={path}',
    f'--gin.MIXTURE_OR_TASK_NAME="{name}"',
    '--gin.MIXTURE_OR_TASK_MODULE="ul2_flan.tasks.registered"',
    "--gin.TASK_FEATURE_LENGTHS={'inputs': 512, 'targets': 24}",
    f'--gin.CHECKPOINT_PATH="{one_device[0]}/checkpoint_3"',
    f'--gin.INFER_OUTPUT_DIR="{tmp_path}/infer"',
    f'--gin.MANIFEST="{benchmarks}"',
    '--gin.DROPOUT_RATE=0.0',
    '--gin.network.T5Config.num_heads=8',
    UL2_FLAN_MANIFESTS=benchmarks,
  )
  finish(run)
  files = [str(path) for path in (tmp_path / 'infer').glob('*.jsonl*')]
  # T5X's inference writes texts, and leaves out ids: each line is a prompt.
  of_evaluation, of_inference = (
    {
      (p.targets, text)
      for p in predictions.read(paths, variant='cot').predictions
      for text in p.samples
    }
    for paths in ([answers], files)
  )
  assert {targets for targets, _ in of_evaluation} == {('Yes',), ('No',)}
  assert of_evaluation == of_inference
