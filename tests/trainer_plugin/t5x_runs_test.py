"""T5X on several devices and hosts, and its inference: on a CPU."""

from collections.abc import Callable, Iterable
import dataclasses
import gzip
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
from support import corpora, task_files

from ul2_flan.pipelines import evaluation as make_evaluation
from ul2_flan.pipelines import flan, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks.evaluation import __main__ as evaluation
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
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

  def one(
    program: str,
    run: str,
    *options: str,
    model: str = 'tiny_t5',
    **environment: str,
  ) -> Run:
    files = (f'models/{model}.gin', f'runs/{run}.gin')
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


def test_two_hosts_train_save_and_are_scored_as_one(
  launch, by_denoiser, benchmarks, tmp_path
):
  given = [f'--manifest=ul2r={by_denoiser}', f'--model_dir={tmp_path}']
  given += [f'--benchmarks={benchmarks}', '--eval.NUM_EXAMPLES=1']
  given += ['--eval.BATCH_SIZE=8', '--eval.ANSWER_LENGTH=24']
  given += ['--eval.network.T5Config.num_heads=8']
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
  names = {'ul2r', 'benchmarks', 'stages.json'}
  assert {path.name for path in tmp_path.iterdir()} == names
  answers = predictions.read([f'{tmp_path}/benchmarks/ul2r/inference_eval'])
  asked = load_manifest(benchmarks).data_sets
  assert len(answers.predictions) == len(asked)


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


def asked(model: Path, data: str, output: Path) -> list[str]:
  """What `t5x.eval` is told about a model and suites."""
  return [
    f'--gin.MANIFEST="{data}"',
    f'--gin.CHECKPOINT_PATH="{model}/checkpoint_3"',
    f'--gin.EVAL_OUTPUT_DIR="{output}"',
    '--gin.BATCH_SIZE=8',
    '--gin.ANSWER_LENGTH=24',
    '--gin.network.T5Config.num_heads=8',
  ]


@pytest.fixture(scope='module')
def greedy(one_device, start, benchmarks, tmp_path_factory) -> str:
  """The folder of a model's likeliest answers to all suites."""
  output = tmp_path_factory.mktemp('eval')
  finish(start('eval', 'eval', *asked(one_device[0], benchmarks, output)))
  return f'{output}/inference_eval'


def test_samples_of_all_suites_vote(
  one_device, start, benchmarks, tmp_path, capsys
):
  sampled = '--gin.DECODER=@sampled/decoding.temperature_sample'
  given = asked(one_device[0], benchmarks, tmp_path)
  finish(start('eval', 'eval', *given, sampled))
  answers = f'{tmp_path}/inference_eval'
  read = predictions.read([answers])
  data_sets = load_manifest(benchmarks).data_sets
  scored = {f'plugin_eval:{p.task.name}:{p.variant}' for p in read.predictions}
  assert scored == data_sets.keys()
  assert {len(p.samples) for p in read.predictions} == {4}
  # Samples differ, and references are not decoded from ids.
  assert any(p.samples[0] != p.samples[1] for p in read.predictions)
  targets = {target for p in read.predictions for target in p.targets}
  assert 'Koira' in targets
  told = '\n'.join(Overview(read).lines())
  assert 'bbh:navigate  2' in told
  assert 'of 4' in told
  with capsys.disabled():
    print(f'\n{told}')


STOCK = """
from __gin__ import dynamic_registration

import seqio

include 't5x/configs/runs/{}'

VOCABULARY = @seqio.SentencePieceVocabulary()
seqio.SentencePieceVocabulary:
  sentencepiece_model_file = '{}'
  extra_ids = 100
"""


def stock(path: Path, vocabulary: str) -> str:
  """Adds a vocabulary to a stock gin file, and nothing of ours."""
  path.write_text(STOCK.format(path.name, vocabulary))
  return f'--gin_file={path}'


def as_stock(model: Path, benchmarks: str) -> list[str]:
  return [
    '--gin.MIXTURE_OR_TASK_MODULE="ul2_flan.tasks.registered"',
    f'--gin.CHECKPOINT_PATH="{model}/checkpoint_3"',
    # T5X's inference would round the parameters.
    '--gin.utils.RestoreCheckpointConfig.dtype="float32"',
    # Of the tiny model, not of the run.
    f'--gin.MANIFEST="{benchmarks}"',
    '--gin.DROPOUT_RATE=0.0',
    '--gin.network.T5Config.num_heads=8',
  ]


def texts(read: predictions.Read) -> set[tuple[tuple[str, ...], str]]:
  return {
    (p.targets, text)
    for p in read.predictions
    for text in p.samples
    if p.task.suite != 'tydiqa'  # whose other references are left out
  }


def test_inference_and_evaluation_give_the_same_scores(
  one_device, greedy, launch, benchmarks, vocabulary_path, tmp_path, capsys
):
  run = launch(
    't5x.infer',
    f'--gin_file={CONFIGS}/models/tiny_t5.gin',
    stock(tmp_path / 'infer.gin', vocabulary_path),
    *as_stock(one_device[0], benchmarks),
    '--gin.MIXTURE_OR_TASK_NAME="plugin_eval"',
    "--gin.TASK_FEATURE_LENGTHS={'inputs': 512, 'targets': 24}",
    f'--gin.INFER_OUTPUT_DIR="{tmp_path}/infer"',
    UL2_FLAN_MANIFESTS=benchmarks,
  )
  finish(run)
  files = sorted(str(path) for path in (tmp_path / 'infer').glob('*-of-00001'))
  # T5X's inference writes texts, and leaves out ids: each line is a prompt.
  assert texts(predictions.read([greedy])) == texts(predictions.read(files))
  capsys.readouterr()
  assert evaluation.main(['scores', greedy, '--json']) == 0
  suites = json.loads(capsys.readouterr().out)['suites']
  scored = set()
  for file in files:
    _, suite, _task, variant = Path(file).name.split('-predict')[0].split(':')
    if suite == 'tydiqa':
      continue
    given = ['score', file, f'--suite={suite}', f'--variant={variant}']
    assert evaluation.main([*given, '--json']) == 0
    found = json.loads(capsys.readouterr().out)['tasks']
    expected = suites[f'{suite}:{variant}']['tasks']
    assert found.keys() == expected.keys()
    for task, score in found.items():
      for number in ('accuracy', 'normalised', 'unparsed', 'fallback'):
        assert score[number] == expected[task][number]
    scored.add((suite, variant))
  assert len(scored) == 6


@pytest.fixture(scope='module')
def emergent(shared_data: Path, vocabulary_path: str, tmp_path_factory) -> str:
  """Evaluation data of the shortest examples of all tasks of BIG-bench."""
  folder = tmp_path_factory.mktemp('emergent')
  source = shared_data / 'eval/bigbench'
  for path in source.rglob('task.json*'):
    raw = path.read_bytes()
    task = json.loads(gzip.decompress(raw) if path.suffix == '.gz' else raw)
    if 'examples' not in task:
      continue  # its sub-tasks have them
    to = folder / 'tasks' / path.parent.relative_to(source) / 'task.json'
    to.parent.mkdir(parents=True)
    # A vocabulary of few pieces makes many tokens, which take CPUs long.
    some = sorted(task['examples'], key=lambda one: len(json.dumps(one)))[:4]
    prefix = task.get('task_prefix', '')[:99]
    short = {**task, 'examples': some, 'task_prefix': prefix}
    to.write_text(json.dumps(short))
  output = f'{folder}/out'
  flags = [f'--source=bbes={folder}/tasks', '--vocabulary', vocabulary_path]
  flags += ['--name=plugin_bbes', '--allow_unwritable', '--local_workers=1']
  flags += ['--exemplars=1']
  flags += ['--inputs_length=512', '--targets_length=64']
  assert make_evaluation.main([*flags, '--output', output]) == 0
  return output


def by_choice(files: Iterable[Path]) -> dict[tuple[str, ...], float]:
  """The log-likelihoods that T5X has written: by task, prompt and choice.

  Its inference leaves out the numbers of questions and choices.
  """
  texts = ('inputs_pretokenized', 'targets_pretokenized')
  found = {}
  for file in files:
    for line in map(json.loads, file.read_text().splitlines()):
      fields = line.get('input', line.get('inputs'))
      key = file.name.partition('-')[0], *(fields[name] for name in texts)
      found[key] = line['score']
  return found


def test_choices_have_the_likelihoods_that_t5x_scores(
  one_device, start, launch, emergent, vocabulary_path, tmp_path
):
  given = asked(one_device[0], emergent, tmp_path / 'eval')
  lengths = '--gin.ANSWER_LENGTH=64'
  finish(start('eval', 'eval', *given, lengths))
  answers = tmp_path / 'eval/inference_eval'
  read = predictions.read([str(answers)])
  (score,) = score_suites(read.predictions)
  assert len(score.tasks) == 24
  assert len(score.families) == 21
  ranked = [task for task in load_manifest(emergent).data_sets
            if 'physics' not in task]  # fmt: skip
  for name in ranked:
    of = score.tasks[':'.join(name.split(':')[1:3])]
    (metrics,) = answers.glob(f'{name}-metrics.jsonl')
    last = json.loads(metrics.read_text().splitlines()[-1])
    assert last['accuracy'] == pytest.approx(of.accuracy)
    assert last['ties'] == pytest.approx(of.ranks['ties'])
  run = launch(
    't5x.infer',
    f'--gin_file={CONFIGS}/models/tiny_t5.gin',
    stock(tmp_path / 'infer.gin', vocabulary_path),
    *as_stock(one_device[0], emergent),
    '--gin.MIXTURE_OR_TASK_NAME="plugin_bbes:bbes"',
    '--gin.infer.mode="score"',
    "--gin.TASK_FEATURE_LENGTHS={'inputs': 512, 'targets': 64}",
    f'--gin.INFER_OUTPUT_DIR="{tmp_path}/infer"',
    UL2_FLAN_MANIFESTS=emergent,
  )
  finish(run)
  ours = by_choice([answers / f'{name}-000003.jsonl' for name in ranked])
  theirs = by_choice(
    [
      path
      for path in (tmp_path / 'infer').glob('*-of-00001')
      if 'physics' not in path.name
    ]
  )
  assert len({task for task, *_ in ours}) == 23
  assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize('how', ['eight devices', 'two processes'])
def test_all_hosts_and_devices_score_as_one(
  one_device, greedy, start, launch, benchmarks, tmp_path, how
):
  given = asked(one_device[0], benchmarks, tmp_path)
  if how == 'eight devices':
    finish(start('eval', 'eval', *given, **EIGHT))
  else:
    port = free_port()
    files = ('models/tiny_t5.gin', 'runs/eval.gin')
    of_gin = [f'--gin_file={CONFIGS}/{file}' for file in files]
    hosts = [
      launch(
        'ul2_flan.trainer_plugin',
        *('t5x.eval', '--multiprocess_gpu', '--process_count=2'),
        f'--coordinator_address=127.0.0.1:{port}',
        f'--process_index={host}',
        *(*of_gin, *given),
      )
      for host in range(2)
    ]
    for host in hosts:
      finish(host)
  answers = f'{tmp_path}/inference_eval'
  one, other = (predictions.read([folder]) for folder in (greedy, answers))
  assert texts(one) == texts(other)
  assert Overview(one).facts() == Overview(other).facts()


def test_stock_gin_files_need_no_code_of_ours(
  one_device, launch, benchmarks, vocabulary_path, tmp_path
):
  task_files.write_cot(tmp_path / 'cot', 'gsm8k', 60)
  config = flan.Config(
    sources={'cot': [str(tmp_path / 'cot')]},
    vocabulary=vocabulary_path,
    settings=['zs_opt'],
    validation_fraction=0.1,
    inputs_length=64,
    targets_length=64,
    name='stock_flan',
  )
  data = str(tmp_path / 'data')
  flan.run(config, output=data, engine=Engine(local_workers=1))
  model = f'--gin_file={CONFIGS}/models/tiny_t5.gin'
  name = 'stock_flan:cot:gsm8k:zs_opt'
  run = launch(
    't5x.train',
    model,
    stock(tmp_path / 'finetune.gin', vocabulary_path),
    '--gin.MIXTURE_OR_TASK_MODULE="ul2_flan.tasks.registered"',
    f'--gin.MIXTURE_OR_TASK_NAME="{name}"',
    "--gin.TASK_FEATURE_LENGTHS={'inputs': 64, 'targets': 64}",
    f'--gin.INITIAL_CHECKPOINT_PATH="{one_device[0]}/checkpoint_3"',
    f'--gin.MODEL_DIR="{tmp_path}/model"',
    f'--gin.MANIFEST="{data}"',
    '--gin.TRAIN_STEPS=5',
    '--gin.BATCH_SIZE=8',
    '--gin.EVAL_PERIOD=5000',
    '--gin.network.T5Config.num_heads=8',
    UL2_FLAN_MANIFESTS=f'{data},{benchmarks}',
  )
  finish(run)
  # Its answers to the validation split were scored.
  scores = tmp_path / f'model/inference_eval/{name}-metrics.jsonl'
  assert json.loads(scores.read_text().splitlines()[-1])['step'] == 5
  task = 'plugin_eval:bbh:navigate:cot'
  run = launch(
    't5x.eval',
    model,
    stock(tmp_path / 'eval.gin', vocabulary_path),
    *as_stock(one_device[0], benchmarks),
    f'--gin.MIXTURE_OR_TASK_NAME="{task}"',
    "--gin.TASK_FEATURE_LENGTHS={'inputs': 512, 'targets': 24}",
    f'--gin.EVAL_OUTPUT_DIR="{tmp_path}/eval"',
    UL2_FLAN_MANIFESTS=benchmarks,
  )
  finish(run)
  (scored,) = (tmp_path / 'eval/inference_eval').glob(f'{task}-metrics.jsonl')
  assert 'accuracy' in scored.read_text()


def test_the_scalable_network_trains_and_answers(
  start, by_denoiser, benchmarks, tmp_path
):
  given = settings(by_denoiser, tmp_path)
  suites = [f'--gin.BENCHMARKS="{benchmarks}"', '--gin.BENCHMARK_EXAMPLES=1']
  suites += ['--gin.EVAL_PERIOD=3', '--gin.EVAL_FIRST=False']
  log = finish(
    start('train', 'ul2r', *given, *suites, model='tiny_scalable_t5')
  )
  found = train_losses(log)
  assert len(found) == 3
  assert found[-1] < found[0]
  answers = list((tmp_path / 'inference_eval').glob('*-000003.jsonl'))
  assert len(answers) == len(load_manifest(benchmarks).data_sets)
