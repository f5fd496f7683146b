"""Units are those of a regular expression, and keys tell them apart."""

import re

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache import units as lib

WHITE = b'\0 \n'
KINDS = bytes(
  lib.SPACE
  if i in WHITE
  else lib.OTHER
  if i < 32 or i > 126
  else lib.LETTER
  if chr(i).isalpha()
  else lib.MARK
  for i in range(256)
)

texts = st.lists(st.text('abZ-.19 \n\x01é–😀', max_size=40)).map(' '.join)


def units_of(text: str) -> list[tuple[bool, bytes]]:
  """Cuts words by a regular expression."""
  cut = r'(?<=[A-Za-z])(?=[!-@\[-`{-~])|(?<=[!-@\[-`{-~])(?=[A-Za-z])'
  return [
    (i == 0, unit.encode())
    for word in re.split('[ \n]+', text)
    if word
    for i, unit in enumerate(re.split(cut, word))
  ]


def buffer_of(text: str) -> bytes:
  return b' ' + text.encode() + b' ' + bytes(lib.PADDING)


@given(text=texts)
def test_units(text: str):
  data = buffer_of(text)
  units = lib.split(data, KINDS)
  assert [
    (first, data[start : start + size])
    for first, start, size in zip(
      units.first.tolist(),
      units.starts.tolist(),
      units.sizes.tolist(),
      strict=True,
    )
  ] == units_of(text)


@given(text=texts)
def test_keys_are_the_units(text: str):
  data = buffer_of(text)
  units = lib.split(data, KINDS)
  keys = lib.keys(data, units)
  low, high = keys.low, keys.all_high()
  seen: dict[tuple[int, int], tuple[bool, bytes]] = {}
  for key, unit in zip(
    zip(low.tolist(), high.tolist(), strict=True), units_of(text), strict=True
  ):
    if len(unit[1]) <= lib.MAX_KEY_BYTES:
      assert seen.setdefault(key, unit) == unit
  assert len(seen) == len(set(seen.values()))


# A low word tells whether the high one is 0.
key = st.tuples(st.integers(1, 9), st.just(0)) | st.tuples(
  st.integers(10, 19), st.integers(1, 9)
)


@given(
  groups=st.lists(st.sets(key, max_size=20), max_size=5),
  asked=st.lists(key, max_size=20),
  room=st.sampled_from([1, 4, 1000]),
)
def test_numbers_are_found(
  groups: list[set[tuple[int, int]]], asked: list[tuple[int, int]], room: int
):
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(lib, '_FIRST_ROOM', room)
    find_all(lib.Numbering(), groups, asked)


def find_all(
  numbering: lib.Numbering,
  groups: list[set[tuple[int, int]]],
  asked: list[tuple[int, int]],
) -> None:
  known: dict[tuple[int, int], int] = {}

  def words(keys: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(keys, np.uint64).reshape(-1, 2)
    return table[:, 0], table[:, 1]

  def keys_of(keys: list[tuple[int, int]]) -> lib.Keys:
    low, high = words(keys)
    long = np.flatnonzero(high)
    return lib.Keys(low, long, high[long])

  for group in groups:
    new = sorted(group - known.keys())
    numbers = np.arange(len(known), len(known) + len(new), dtype=np.int32)
    numbering.add(*words(new), numbers)
    known |= zip(new, numbers.tolist(), strict=True)
    found = numbering.find(keys_of([*asked, *known]))
    assert found.tolist() == [known.get(k, -1) for k in [*asked, *known]]
