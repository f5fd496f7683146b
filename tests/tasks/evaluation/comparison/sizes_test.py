"""Scores of models of several sizes, and what emerges."""

import pytest
from support.evaluation.predictions import predictions, write

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.__main__ import main
from ul2_flan.tasks.evaluation.comparison import sizes

BBH = [('bbh', 'direct')]


def curve(*right: int) -> sizes.Curve:
  """Of models with so many right of 100 questions of each task."""
  (made,) = sizes.curves(
    {10.0 ** (20 + i): predictions(n, 100, BBH) for i, n in enumerate(right)}
  )
  return made


def test_a_curve_rises_with_compute():
  made = curve(20, 26, 60)
  assert [compute for compute, _ in made.points] == [1e20, 1e21, 1e22]
  values = [interval.value for _, interval in made.points]
  assert values == pytest.approx([20, 26, 60])
  assert made.random == pytest.approx(26.62, abs=0.01)
  assert made.tasks == 27


@pytest.mark.parametrize(
  ('right', 'at'),
  [
    ((20, 26, 60), 1e22),
    ((20, 60, 80), 1e21),
    ((60, 20, 80), 1e22),
    ((50, 60, 80), None),
    ((10, 20, 26), None),
    ((10, 60, 20), None),
  ],
)
def test_what_emerges(right, at):
  assert curve(*right).emerges_at == at


def test_means_are_of_tasks_that_all_have():
  both = [('bbh', 'direct'), ('mgsm', 'cot')]
  made = sizes.curves(
    {1e20: predictions(1, 2, both), 1e21: predictions(2, 2, BBH)}
  )
  assert [one.suite for one in made] == ['bbh']
  with pytest.raises(UserError, match='no task in common'):
    sizes.curves(
      {1e20: predictions(1, 2, both[1:]), 1e21: predictions(2, 2, BBH)}
    )


@pytest.mark.parametrize(
  'given', [['a', '1=b'], ['x=a', '1=b'], ['0=a', '1=b'], ['1=', '2=b'],
            ['nan=a', '1=b'], ['1=a']],
)  # fmt: skip
def test_what_is_no_size_is_refused(given):
  with pytest.raises(UserError, match='--sizes'):
    sizes.parse(given)


def test_the_command_tells_and_draws(tmp_path, capsys):
  small, large = (
    write(tmp_path / f'{n}.jsonl', predictions(n, 100, BBH)) for n in (20, 60)
  )
  drawn = tmp_path / 'curve.svg'
  argv = ['scores', large, '--sizes', f'1e20={small}', f'2e22={large}']
  assert main([*argv, '--plot', str(drawn)]) == 0
  said = capsys.readouterr().out
  assert 'above guesses from 2e+22 FLOPs on, and not below: it emerges' in said
  assert drawn.read_text().startswith('<svg ')
  assert main([*argv, '--plot', 'none/x.svg']) == 2
  assert "--plot 'none/x.svg'" in capsys.readouterr().err
  assert main(['scores', large, '--plot', 'x']) == 2
  assert '--plot x: give the models' in capsys.readouterr().err
