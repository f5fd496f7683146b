"""Each arm can start, and has data."""

from pathlib import Path

import pytest
from reproduce import data
from reproduce.arms import arms, settings
from reproduce.training import train

OUTPUT = Path('/out')


def folders() -> set[str]:
  """What the commands make."""
  return {
    flag.removeprefix('--output=')
    for command in data.commands(Path('/shared'), OUTPUT)
    for flag in command
    if flag.startswith('--output=')
  }


@pytest.mark.parametrize('name', arms())
def test_its_data_is_made(name: str):
  arm = arms()[name]
  assert f'{OUTPUT}/{arm.model}/{arm.data}' in folders()


@pytest.mark.parametrize(
  'name', [n for n, arm in arms().items() if arm.after and arm.steps]
)
@pytest.mark.parametrize('size', ['full', 'quick'])
def test_it_starts_from_a_checkpoint_that_is_saved(name: str, size: str):
  arm, how = arms()[name], settings(size)
  before = arms()[arm.after]
  assert before.model == arm.model
  period, odd = divmod(how.steps(before), how.saves)
  assert not odd
  assert arm.at * how.steps(before) % period == 0
  assert before.group in ('main', arm.group)
  command = [*train.command(arm, 0, how, OUTPUT)]
  start = train.checkpoint(before, 0, how, OUTPUT, arm.at)
  assert f'--checkpoint={start}' in command
  (model,) = (w for w in command if w.startswith('--model='))
  assert Path(model.partition('=')[2]).exists()


def test_steps_count_on():
  how = settings('full')
  last = train.checkpoint(arms()['ul2r_flan'], 2, how, OUTPUT)
  steps = how.base_steps + how.extra_steps + how.flan_steps
  assert last == OUTPUT / f'models/ul2r_flan/seed_2/flan/checkpoint_{steps}'


@pytest.mark.parametrize(
  ('name', 'control'),
  [('ul2r', 'lm'), ('half_ul2r', 'half_lm'), ('ul2r_slow', 'lm_slow')],
)
def test_a_control_differs_in_data_and_attention_alone(name: str, control: str):
  how = settings('full')
  lm, ul2r = (
    set(train.command(arms()[name], 0, how, OUTPUT)) for name in (control, name)
  )
  assert {flag.partition('=')[0] for flag in lm ^ ul2r} == {
    '--manifest',
    '--model_dir',
    '--gin.BIDIRECTIONAL',
  }


def test_an_arm_has_times_the_steps_and_the_rate_of_its_stage():
  how = settings('full')
  assert how.steps(arms()['ul2r_long']) == 3 * how.extra_steps
  words = [*train.command(arms()['ul2r_slow'], 0, how, OUTPUT)]
  (word,) = (word for word in words if word.startswith('--gin.LEARNING_RATE='))
  assert float(word.partition('=')[2]) == pytest.approx(0.01, rel=1e-2)


def test_the_full_size_has_all_groups():
  assert {arm.group for arm in arms().values()} == {*settings('full').groups}


def test_an_arm_without_steps_is_the_one_that_it_starts_from():
  how = settings('full')
  asked, trained = (
    train.checkpoint(arms()[name], 0, how, OUTPUT)
    for name in ('ul2r_flan_s2s', 'ul2r_flan')
  )
  assert asked == trained


def test_a_seed_is_trained_before_the_next():
  pairs = train.in_order(settings('full'))
  main = [seed for arm, seed in pairs if arm.group == 'main']
  assert main == sorted(main)
  for at, (arm, seed) in enumerate(pairs):
    assert not arm.after or (arms()[arm.after], seed) in pairs[:at]
