"""Makes all data sets by the commands that a user would paste."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
import subprocess
import sys

from reproduce import corpus

from ul2_flan.mixtures import definition

HERE = Path(__file__).parent

# Tokens of inputs and targets: a decoder's sequence has their sum, 512.
TEXT = (256, 256)
TASKS = (384, 128)

SUITES = {
  'flan2021': 'flan2021',
  't0_sf': 'p3',
  'niv2': 'niv2/tasks',
  'cot': 'cot',
  'dialog': 'dialog',
}

# The mixtures of `mixtures.toml`, and the suites that each leaves out.
MIXES = {
  'all': [],
  'no_cot': ['cot:*'],
  'cot': ['flan2021:*', 'dialog:*', 't0_sf:*', 'niv2:*'],
  'muffin': ['t0_sf:*', 'niv2:*'],
  't0_sf': ['niv2:*'],
}

# The same examples as `mix_all`, each in a row of its own.
PADDED = 'mix_padded'

# Questions with choices: BIG-bench's emergent tasks without exemplars and with
# three, and tasks of the clusters that `mixtures.toml` holds out, in the words
# of each template.
# Two of BIG-bench's ask what Flan's data asks, as `contamination` finds:
# strategyqa is in chain of thought, and question_selection in SQuAD.
_BIG_BENCH = (
  '--source=bbes={shared}/eval',
  '--without=bbes:physics_questions,bbes:strategyqa,bbes:question_selection',
)
_HELD_OUT = ('cb', 'copa', 'rte', 'wic', 'wnli', 'wsc')
TESTS = {
  'bbes_0': [*_BIG_BENCH, '--exemplars=0'],
  'bbes_3': [*_BIG_BENCH, '--exemplars=3'],
  'flan_0': [
    '--source=flan_templates={shared}/flan2021',
    f'--tasks={",".join(f"flan_templates:{task}" for task in _HELD_OUT)}',
    # Shared data has no file of their validation splits.
    '--split=train',
  ],
}


def make(shared: Path, output: Path) -> None:
  """Makes what is missing of the data.

  Args:
    shared: a folder with text/en, flan2021, p3, niv2, cot, dialog and eval.
    output: where the data goes.
  """
  text, vocabulary = output / 'text', output / 'vocabulary.model'
  if not vocabulary.exists():
    corpus.divide(shared / 'text' / 'en', text)
    corpus.train_vocabulary(text, vocabulary)
  for command in commands(shared, output):
    run(command)


def commands(shared: Path, output: Path) -> Iterator[list[str]]:
  """Yields the command of each data set, in an order that works."""
  for architecture in ('decoder', 'encoder_decoder'):
    folder = output / architecture
    common = [f'--vocabulary={output}/vocabulary.model']
    if architecture == 'decoder':
      common.append('--decoder_only')
    yield from _texts(output / 'text', folder, common)
    yield from _tasks(shared, folder, common)


def _texts(
  text: Path, output: Path, common: Sequence[str]
) -> Iterator[list[str]]:
  """Yields the commands for text: to train on, and held out in three ways."""
  plain = 'causal_lm' if '--decoder_only' in common else 'span_corruption'
  lengths = _lengths(*TEXT)

  def made(name: str, part: str, preset: str, modes: str) -> list[str]:
    return [
      'ul2', f'--input={text}/{part}.jsonl.gz', '--id_field=id',
      f'--preset={preset}', f'--mode_tokens={modes}', *lengths, *common,
      '--validation_fraction=0', f'--output={output}/{name}',
      *([f'--name={name}', '--per_denoiser'] if part == 'held_out' else []),
    ]  # fmt: skip

  yield made('base', 'base', plain, 'none')
  yield made('extra', 'extra', plain, 'none')
  yield made('ul2r', 'extra', 'ul2r', 'nlu_s2s_nlg')
  # What a held-out example is of is in its name.
  yield made('held_out', 'held_out', plain, 'none')
  yield made('held_out_ul2r', 'held_out', 'ul2r', 'nlu_s2s_nlg')
  yield made('held_out_no_modes', 'held_out', 'ul2r', 'none')


def _tasks(
  shared: Path, output: Path, common: Sequence[str]
) -> Iterator[list[str]]:
  """Yields the commands for instructions: to train on, and held out."""
  sources = [f'--source={s}={shared}/{place}' for s, place in SUITES.items()]
  lengths = _lengths(*TASKS)
  yield [
    'flan', *sources, '--left_out', '--cap=500', *lengths, *common,
    f'--output={output}/flan',
  ]  # fmt: skip
  mix = [
    'mix', f'--manifest={output}/flan', f'--definitions={HERE}/mixtures.toml',
    '--mixture=reproduce', '--name=flan',
  ]  # fmt: skip
  pack = 'prefix_lm' if '--decoder_only' in common else 'enc_dec'
  for name, excluded in MIXES.items():
    exclude = ['--exclude', *excluded] if excluded else []
    yield [*mix, *exclude, f'--pack={pack}', f'--output={output}/mix_{name}']
  yield [*mix, f'--output={output}/{PADDED}']
  for name, flags in TESTS.items():
    yield [
      'evaluation', *(flag.format(shared=shared) for flag in flags),
      f'--name={name}', *lengths, *common, '--allow_unwritable',
      # Questions of some tasks are longer than these small models read.
      '--max_reject_fraction=0.2', f'--output={output}/{name}',
    ]  # fmt: skip
  trained_on = [f'{output}/{name}' for name in ('base', 'extra', PADDED)]
  for name in TESTS:
    yield [
      'contamination', '--manifest', *trained_on,
      f'--evaluation={output}/{name}', f'--output={output}/leaks_{name}',
    ]  # fmt: skip


def _lengths(inputs: int, targets: int) -> list[str]:
  return [f'--inputs_length={inputs}', f'--targets_length={targets}']


def held_out_tasks() -> frozenset[str]:
  """Returns the tests of NIv2's default track, which no mixture here has."""
  return frozenset(definition.load('niv2_track_test').tasks)


def run(command: Sequence[str]) -> None:
  """Runs a `ul2-flan` command; a finished run is not made again.

  Raises:
    SystemExit: it failed.
  """
  kind, *flags = command
  print(f'\n$ ul2-flan {kind} {" ".join(flags)}', flush=True)
  done = subprocess.run(
    [sys.executable, '-m', f'ul2_flan.pipelines.{kind}', *flags], check=False
  )
  if done.returncode:
    sys.exit(done.returncode)
