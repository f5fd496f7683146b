"""Joined strings are those that were joined."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.vocabulary.word_cache.joined import Joined

string = st.binary(max_size=5).map(lambda data: data.replace(b'\0', b'a'))
strings = st.lists(string, max_size=8)


@given(parts=st.lists(strings, max_size=4))
def test_strings_come_back(parts: list[list[bytes]]):
  joined = Joined.concatenated([Joined.of(part) for part in parts])
  every = [string for part in parts for string in part]
  assert len(joined) == len(every)
  assert list(joined) == [joined[i] for i in range(len(joined))] == every
  assert joined.flat.tobytes() == b''.join(string + b'\0' for string in every)


@given(strings=strings, data=st.data())
def test_the_chosen_ones_stay(strings: list[bytes], data: st.DataObject):
  joined = Joined.of(strings)
  which = data.draw(
    st.lists(st.booleans(), min_size=len(strings), max_size=len(strings))
  )
  chosen = joined.chosen(np.array(which, np.bool_))
  assert list(chosen) == [s for s, w in zip(strings, which, strict=True) if w]
  assert chosen.begins.tolist() == Joined.of([*chosen]).begins.tolist()


@given(strings=strings, allowed=st.binary(max_size=9))
def test_strings_of_allowed_bytes(strings: list[bytes], allowed: bytes):
  found = Joined.of(strings).all_of(allowed)
  assert found.tolist() == [set(s) <= set(allowed) for s in strings]
