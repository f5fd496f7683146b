"""Values weigh what it takes to go through them, and no row has more."""

import datetime

import jinja2
import pytest

from ul2_flan.pipelines.task_sources.promptsource import weigh
from ul2_flan.pipelines.task_sources.promptsource.weigh import OverBoundError


@pytest.mark.parametrize(
  ('value', 'units'),
  [
    (7, 1),
    ('a' * 16, 2),
    ([1, [2, 3]], 5),
    ({'a': [1]}, 4),
    ({'a': 1}.items(), 5),
    (range(9), 19),
  ],
)
def test_a_value_weighs_its_parts(monkeypatch, value, units: int):
  monkeypatch.setattr(weigh, 'MOST_UNITS', units)
  with weigh.bounded():
    weigh.weigh(value, shown=True)
    with pytest.raises(OverBoundError):
      weigh.spend(1)
  with weigh.bounded():  # each row has the whole of it
    weigh.weigh(value)


def test_only_plain_values_are_shown():
  plain = [None, 1.5, b'', datetime.date(2020, 1, 1), jinja2.Undefined()]
  with weigh.bounded():
    weigh.weigh(plain, shown=True)
    weigh.weigh([object()])
    with pytest.raises(jinja2.exceptions.SecurityError, match='address'):
      weigh.weigh([object()], shown=True)


@pytest.mark.parametrize('text', ['%*d', '%10000d', '99999'])
def test_wide_formats_are_refused(text: str):
  weigh.check_digits('%04d %s')
  with pytest.raises(OverBoundError, match='width'):
    weigh.check_digits(text)
