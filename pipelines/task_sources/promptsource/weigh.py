"""Counts what a template costs a row, in units, and stops it at a bound.

Units are counted and not timed, so whether a row is over the bound depends on
no machine.
"""

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
import contextlib
import contextvars
import datetime
import decimal
import re
from typing import Any

import jinja2

# What a row may cost: so many items, or sixteen times so many characters.
MOST_UNITS = 1 << 20

_CHARS = 16

# The most digits of a number in a format, and the most bits of an integer.
_MOST_DIGITS, _MOST_BITS = 4, 1 << 12

# What may be shown. All else would show the address of an object.
_LISTS = (list, tuple, set, frozenset)
_PLAIN = (
  str, bytes, int, float, complex, type(None), decimal.Decimal, datetime.date,
  datetime.time, datetime.timedelta, jinja2.Undefined,
)  # fmt: skip
_VIEWS = (range, KeysView, ValuesView, ItemsView)


class OverBoundError(Exception):
  """A template takes too much work, or makes too large a text, for a row."""


_left: contextvars.ContextVar[list[int]] = contextvars.ContextVar('_left')


@contextlib.contextmanager
def bounded() -> Iterator[None]:
  """Bounds what templates cost in the body: one row, or compiling one."""
  token = _left.set([MOST_UNITS])
  try:
    yield
  finally:
    _left.reset(token)


def spend(units: int) -> None:
  """Spends units.

  Raises:
    OverBoundError: there are not so many left.
  """
  left = _left.get()
  left[0] -= units
  if left[0] < 0:
    raise OverBoundError(f'over {MOST_UNITS} units of work for one row')


def weigh(*values: Any, shown: bool = False) -> None:
  """Spends what it costs to go through values.

  Args:
    *values: anything.
    shown: whether they become text; then they may hold plain values only.

  Raises:
    OverBoundError: they are too large.
    SecurityError: they would show the address of an object.
  """
  left = [*values]
  while left:
    one = left.pop()
    if isinstance(one, str | bytes):
      spend(1 + len(one) // _CHARS)
      continue
    spend(1)
    if isinstance(one, dict):
      left += [*one.keys(), *one.values()]
    elif isinstance(one, _LISTS):
      left += one
    elif isinstance(one, _VIEWS):
      spend(len(one))
      left += one
    elif isinstance(one, int):
      check_bits(one.bit_length())
    elif shown and not isinstance(one, _PLAIN):
      raise jinja2.exceptions.SecurityError(
        f'it shows an object, a {type(one).__name__}, by its address'
      )


def check_bits(bits: float) -> None:
  """Refuses integers that are too large."""
  if bits > _MOST_BITS:
    raise OverBoundError(f'a number of more than {_MOST_BITS} bits')


def check_digits(text: str) -> None:
  """Refuses numbers of a format that are large, or come from elsewhere."""
  if '*' in text or re.search(rf'\d{{{_MOST_DIGITS + 1}}}', text):
    raise OverBoundError(f"'{text[:40]}' asks for a width")


def check_replace(text: Any, old: Any, new: Any, count: Any = None) -> None:
  """Spends what the text will have that `replace` makes."""
  del count  # that only some are replaced
  text, old, new = str(text), str(old), str(new)
  spend(text.count(old) * len(new) // _CHARS)


def check_join(items: list[Any], separator: Any) -> None:
  """Spends what the text will have that `join` makes."""
  weigh(items, shown=True)
  spend(len(items) * len(str(separator)) // _CHARS)


def check_times(value: Any, times: Any) -> None:
  """Spends what a text or a list will have, so many times."""
  if isinstance(times, int) and isinstance(value, str | bytes):
    spend(len(value) * max(times, 0) // _CHARS)
  elif isinstance(times, int) and isinstance(value, list | tuple):
    spend(len(value) * max(times, 0))
