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

from gin import config_parser
import pytest

HERE = Path(__file__).parent
CONFIGS = HERE.parents[1] / 'trainer_plugin' / 'configs'
PREFIX = 'ul2_flan/trainer_plugin/configs'
FILES = sorted(
  str(path.relative_to(CONFIGS)) for path in CONFIGS.rglob('*.gin')
)
MODELS = [name for name in FILES if name.startswith('models/')]

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
def test_bindings_are_of_what_is_imported(name):
  # With dynamic registration; the rest is T5X's to find out.
  imported = {'gin', 'macro'}
  for statement in statements(name):
    if isinstance(statement, config_parser.ImportStatement):
      imported.add(statement.alias or statement.module.split('.')[-1])
    if getattr(statement, 'arg_name', ''):
      assert statement.selector.split('.')[0] in imported


@pytest.fixture(scope='module')
def evaluated(by_denoiser, decoder_only, tmp_path_factory):
  """What T5X would make of each file: all in one process, imports are slow."""
  prompts = tmp_path_factory.mktemp('prompts') / 'prompts.txt'
  prompts.write_text('one\n')
  cases = {
    f'{run}_{model}': {
      'files': [f'models/{model}.gin', f'runs/{run}.gin'],
      'data': decoder_only if model == 'tiny_lm' else by_denoiser,
    }
    for run, model in [
      ('ul2_pretrain', 'tiny_t5'),
      ('ul2r', 'tiny_t5'),
      ('flan', 'tiny_t5'),
      ('flan', 'tiny_lm'),
      ('infer', 'tiny_t5'),
    ]
  }
  for name in MODELS:
    lm = '_lm' in name
    cases[name] = {
      'files': [name, 'runs/flan.gin'],
      'data': decoder_only if lm else by_denoiser,
    }
  # As T5X's own model files may be used, also after the run.
  cases['after'] = {
    'files': ['runs/flan.gin', 't5x/examples/t5/t5_1_1/small.gin'],
    'data': by_denoiser,
    'more': ['DROPOUT_RATE=0.05', 'STEPS=10'],
  }
  given = []
  for name, case in cases.items():
    infer = name.startswith('infer')
    bindings = [f'MANIFEST="{case["data"]}"']
    bindings += (
      [f'PROMPTS="{prompts}"', 'CHECKPOINT_PATH="C"', 'INFER_OUTPUT_DIR="O"']
      if infer
      else ['MODEL_DIR="M"', 'INITIAL_CHECKPOINT_PATH=None']
    )
    given.append(
      {
        'files': [
          file if file.startswith('t5x') else f'{PREFIX}/{file}'
          for file in case['files']
        ],
        'bindings': bindings + case.get('more', []),
        'program': 'infer' if infer else 'train',
      }
    )
  result = subprocess.run(
    [sys.executable, HERE / 'evaluate_gin.py', json.dumps(given)],
    capture_output=True,
    text=True,
    check=False,
  )
  assert result.returncode == 0, result.stderr[-4000:]
  found = dict(zip(cases, json.loads(result.stdout), strict=True))
  for name, one in found.items():
    for path, shown in [
      (cases[name]['data'], 'DATA'),
      (str(prompts), 'PROMPTS'),
    ]:
      one['config'] = one['config'].replace(path, shown)
  return found


def check(name: str, text: str) -> None:
  path = HERE / 'golden' / name
  if os.environ.get('UPDATE_GOLDEN'):
    path.write_text(text)
  assert path.read_text() == text


@needs_t5x
@pytest.mark.parametrize(
  'name',
  [
    'ul2_pretrain_tiny_t5',
    'ul2r_tiny_t5',
    'flan_tiny_t5',
    'flan_tiny_lm',
    'infer_tiny_t5',
  ],
)
def test_runs_say_what_they_said(evaluated, name):
  check(f'{name}.gin', evaluated[name]['config'])


@needs_t5x
def test_models_are_what_they_were(evaluated):
  text = ''
  for name in MODELS:
    lines = evaluated[name]['config'].splitlines()
    own = [
      line
      for line in lines
      if line.startswith(('FLAN_STEPS', 'MODEL/network', 'MODEL/models'))
    ]
    text += f'{name}: {evaluated[name]["parameters"]:,} parameters\n'
    text += ''.join(f'  {line}\n' for line in own)
  check('models.txt', text)


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
