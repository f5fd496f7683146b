"""Paths of the catalog find their columns."""

from __future__ import annotations

from typing import Any

import pytest

from ul2_flan.tasks.rendering.instances.field_paths import getter

ROW = {
  'a': 1,
  'b': {'c': ['x', 'y'], 'd': None},
  'e': [{'f': 'p'}, {'f': 'q'}],
  '%': 'percent',
}


@pytest.mark.parametrize(
  ('columns', 'expected'),
  [
    ('a', 1),
    ('b.c', ['x', 'y']),
    ('b.c.1', 'y'),
    ('b.c.2', None),
    ('b.d.0', None),
    ('e.f', ['p', 'q']),
    ('e.1.f', 'q'),
    (('a', 'b.c.0'), [1, 'x']),
    ('{a}: {b.c.1}', '1: y'),
    ('100% {%}', '100% percent'),
  ],
)
def test_paths(columns: str | tuple[str, ...], expected: Any) -> None:
  assert getter(columns)(ROW) == expected


@pytest.mark.parametrize('columns', ['z', 'b.z', '{z}', ('a', 'z')])
def test_a_column_that_is_not_there_is_an_error(
  columns: str | tuple[str, ...],
) -> None:
  with pytest.raises(KeyError):
    getter(columns)(ROW)
