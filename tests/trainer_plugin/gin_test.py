"""Every gin file: its header, what it says to T5X, and the models it makes.

After a change that is meant, with T5X installed:

    UPDATE_GOLDEN=1 pytest tests/trainer_plugin/gin_test.py
"""

from collections.abc import Iterator
import importlib.util
import json
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

from gin import config_parser
import pytest

HERE = Path(__file__).parent
CONFIGS = HERE.parents[1] / 'trainer_plugin' / 'configs'
PREFIX = 'ul2_flan/trainer_plugin/configs'
FILES = sorted(
  str(path.relative_to(CONFIGS)) for path in CONFIGS.rglob('*.gin')
)
MODELS = [name for name in FILES if name.startswith('models/')]
RUNS = [
  ('ul2_pretrain', 'tiny_t5'),
  ('ul2r', 'tiny_t5'),
  ('flan', 'tiny_t5'),
  ('flan', 'tiny_lm'),
  ('flan', 'tiny_scalable_t5'),
  ('infer', 'tiny_t5'),
  ('infer', 'tiny_lm'),
  ('eval', 'tiny_t5'),
  ('eval', 'tiny_lm'),
]

# What headers name besides macros: settings of T5X, as a user may give them.
SETTINGS = {
  'ul2r': {
    'PjitPartitioner.num_partitions': '2',
    'Trainer.num_microbatches': '2',
  },
  'infer': {'PjitPartitioner.num_partitions': '2', 'infer.mode': "'score'"},
  'eval': {
    'DECODER': '@sampled/decoding.temperature_sample',
    'PjitPartitioner.num_partitions': '2',
  },
}

# What each program of T5X needs besides a manifest.
NEEDED = {
  'infer': ['CHECKPOINT_PATH="C"', 'INFER_OUTPUT_DIR="O"'],
  'eval': ['CHECKPOINT_PATH="C"', 'EVAL_OUTPUT_DIR="O"'],
  'train': ['MODEL_DIR="M"', 'INITIAL_CHECKPOINT_PATH=None'],
}

needs_t5x = pytest.mark.skipif(
  importlib.util.find_spec('t5x') is None,
  reason='needs T5X, which is on no package index',
)


class Unresolved(config_parser.ParserDelegate):
  """Leaves references as text: what they refer to is T5X's."""

  def configurable_reference(self, scoped_name, evaluate):
    return f'@{scoped_name}'

  def macro(self, scoped_name):
    return f'%{scoped_name}'


def statements(name: str) -> Iterator[object]:
  """A file's statements and those of our files that it includes."""
  parser = config_parser.ConfigParser(
    (CONFIGS / name).read_text(), Unresolved()
  )
  for statement in parser:
    included = getattr(statement, 'filename', '')
    if included.startswith(PREFIX):
      yield from statements(included.removeprefix(f'{PREFIX}/'))
    yield statement


def header(name: str) -> str:
  lines = [*(CONFIGS / name).read_text().splitlines(), '']
  return '\n'.join(
    line for line in lines[: next(i for i, x in enumerate(lines) if not x)]
  )


@pytest.mark.parametrize('name', FILES)
def test_macros_that_a_header_names_exist(name):
  bound = {
    s.selector
    for s in statements(name)
    if isinstance(s, config_parser.BindingStatement) and not s.arg_name
  }
  # A list of settings in the header: `# - STEPS, BATCH_SIZE: …`.
  listed = re.findall(r'^# - ([A-Z].*?)(?::|$)', header(name), re.MULTILINE)
  named = {macro for one in listed for macro in one.split(', ')}
  assert {macro for macro in named if macro.isupper()} <= bound
  if name.startswith('runs/'):
    assert 'MANIFEST' in bound


@pytest.mark.parametrize('name', FILES)
def test_settings_that_a_header_names_are_tried(name):
  listed = re.findall(r'^# - (\w+\.\S+?)(?::|$)', header(name), re.MULTILINE)
  assert set(listed) <= {name for tried in SETTINGS.values() for name in tried}


@pytest.mark.parametrize('name', FILES)
def test_bindings_are_of_what_is_imported(name):
  # With dynamic registration; the rest is T5X's to find out.
  imported = {'gin', 'macro'}
  for statement in statements(name):
    if isinstance(statement, config_parser.ImportStatement):
      imported.add(statement.alias or statement.module.split('.')[-1])
    if getattr(statement, 'arg_name', ''):
      assert statement.selector.split('.')[0] in imported


def cases(
  by_denoiser: str, decoder_only: str, benchmarks: str, decoder_benchmarks: str
) -> dict[str, dict[str, Any]]:
  """What is evaluated: gin files, the data, and more bindings."""
  found: dict[str, dict[str, Any]] = {
    f'{run}_{model}': {'files': [f'models/{model}.gin', f'runs/{run}.gin']}
    for run, model in RUNS
  }
  found |= {name: {'files': [name, 'runs/flan.gin']} for name in MODELS}
  # As T5X's own model files may be used, also after the run.
  found['after'] = {
    'files': ['runs/flan.gin', 't5x/examples/t5/t5_1_1/small.gin'],
    'more': ['DROPOUT_RATE=0.05', 'STEPS=10'],
  }
  for run, settings in SETTINGS.items():
    found[f'{run}_settings'] = {
      'files': ['models/tiny_t5.gin', f'runs/{run}.gin'],
      'more': [f'{name}={value}' for name, value in settings.items()],
    }
  for name, case in found.items():
    lm = '_lm' in case['files'][0]
    case['data'] = decoder_only if lm else by_denoiser
    if name.startswith('eval'):
      case['data'] = decoder_benchmarks if lm else benchmarks
  return found


def is_scalable(name: str) -> bool:
  return 'scalable' in name


def evaluate(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
  """What T5X would make of files: all in one process, imports are slow."""
  result = subprocess.run(
    [sys.executable, HERE / 'evaluate_gin.py', json.dumps(given)],
    capture_output=True,
    text=True,
    check=False,
  )
  assert result.returncode == 0, result.stderr[-4000:]
  return json.loads(result.stdout)


@pytest.fixture(scope='module')
def evaluated(
  by_denoiser, decoder_only, benchmarks, decoder_benchmarks, tmp_path_factory
):
  """What T5X would make of each file."""
  prompts = tmp_path_factory.mktemp('prompts') / 'prompts.txt'
  prompts.write_text('one\n')
  wanted = cases(by_denoiser, decoder_only, benchmarks, decoder_benchmarks)
  given = []
  for name, case in wanted.items():
    program = next((p for p in NEEDED if name.startswith(p)), 'train')
    bindings = [f'MANIFEST="{case["data"]}"', *NEEDED[program]]
    if program == 'infer':
      bindings.append(f'PROMPTS="{prompts}"')
    given.append(
      {
        'files': [
          file if file.startswith('t5x') else f'{PREFIX}/{file}'
          for file in case['files']
        ],
        'bindings': bindings + case.get('more', []),
        'program': program,
      }
    )
  # Both networks have a `network.T5Config`, and gin forgets none.
  scalable = [is_scalable(name) for name in wanted]
  found = {}
  for which in (False, True):
    chosen = [i for i, one in enumerate(scalable) if one is which]
    names = [list(wanted)[i] for i in chosen]
    results = evaluate([given[i] for i in chosen])
    found |= dict(zip(names, results, strict=True))
  for name, one in found.items():
    for path, shown in [
      (wanted[name]['data'], 'DATA'),
      (str(prompts), 'PROMPTS'),
    ]:
      # gin breaks the line before a long path.
      joined = one['config'].replace(f"\\\n    '{path}", f"'{path}")
      one['config'] = joined.replace(path, shown)
  return found


def check(name: str, text: str) -> None:
  path = HERE / 'golden' / name
  if os.environ.get('UPDATE_GOLDEN'):
    path.write_text(text)
  assert path.read_text() == text


@needs_t5x
@pytest.mark.parametrize(('run', 'model'), RUNS)
def test_runs_say_what_they_said(evaluated, run, model):
  name = f'{run}_{model}'
  check(f'{name}.gin', evaluated[name]['config'])


@needs_t5x
@pytest.mark.parametrize('run', SETTINGS)
def test_settings_of_t5x_that_headers_name(evaluated, run):
  lines = evaluated[f'{run}_settings']['given'].splitlines()
  for name, value in SETTINGS[run].items():
    assert any(line.endswith(f'{name} = {value}') for line in lines)


def own(config: str) -> list[str]:
  """The lines of a configuration that are of a model."""
  return [
    line
    for line in config.splitlines()
    if line.startswith(('FLAN_STEPS', 'MODEL/network', 'MODEL/models'))
  ]


@needs_t5x
def test_models_are_what_they_were(evaluated):
  text = ''
  for name in MODELS:
    one = evaluated[name]
    text += f'{name}: {one["parameters"]:,} parameters, '
    text += f'divides by {one["divides_by"]}\n'
    text += ''.join(f'  {line}\n' for line in own(one['config']))
  check('models.txt', text)


@needs_t5x
@pytest.mark.parametrize('name', MODELS)
def test_the_rest_of_a_models_configuration_is_that_of_the_tiny_one(
  evaluated, name
):
  kind = 'scalable_t5' if is_scalable(name) else 'lm' if '_lm' in name else 't5'
  tiny = evaluated[f'flan_tiny_{kind}']['config']
  config = evaluated[name]['config']
  rest, tiny_rest = (
    set(one.splitlines()) - set(own(one)) for one in (config, tiny)
  )
  # The tiny ones have the embeddings that their data needs.
  assert {
    line for line in tiny_rest - rest if 'vocabulary_size' not in line
  } == set()
  assert rest <= tiny_rest


@needs_t5x
def test_schedules_as_in_the_papers(evaluated):
  def of(name):
    return evaluated[name]['last_step'], evaluated[name]['rates']

  assert of('ul2r_tiny_t5') == (20_000, [1e-4, 1e-6])
  assert of('models/t5_1_1_xxl.gin') == (14_000, [5e-4, 5e-4])
  last, (first_rate, last_rate) = of('ul2_pretrain_tiny_t5')
  assert (last, first_rate) == (2_000_000, 0.01)
  assert last_rate == pytest.approx(2_000_000**-0.5, rel=1e-3)


@needs_t5x
def test_t5x_model_files_may_come_after_the_run(evaluated):
  config = evaluated['after']['config']
  assert 'VOCABULARY = @seqio.SentencePieceVocabulary()' in config
  assert (
    evaluated['after']['parameters']
    == (evaluated['models/t5_1_1_small.gin']['parameters'])
  )
