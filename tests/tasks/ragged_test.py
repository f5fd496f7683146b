"""A ragged block behaves like the list of sequences it was packed from."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.ragged import Ragged, offsets_of, position_in

ids = st.integers(-(2**31), 2**31 - 1)
blocks = st.lists(st.lists(ids, max_size=8), max_size=8)


@given(blocks)
def test_packing_keeps_sequences(block: list[list[int]]):
  ragged = Ragged.of(block)
  assert len(ragged) == len(block)
  assert [sequence.tolist() for sequence in ragged] == block
  assert [ragged[i].tolist() for i in range(len(block))] == block
  assert ragged.lengths.tolist() == [len(sequence) for sequence in block]
  assert ragged.values.dtype == np.int32
  assert ragged.offsets.dtype == np.int64


@given(blocks)
def test_lists_and_arrays_pack_alike(block: list[list[int]]):
  arrays = Ragged.of([np.array(sequence, np.int32) for sequence in block])
  assert arrays.values.tolist() == Ragged.of(block).values.tolist()
  assert arrays.offsets.tolist() == Ragged.of(block).offsets.tolist()


@given(blocks, st.data())
def test_slice_is_that_of_the_list(block: list[list[int]], data: st.DataObject):
  start = data.draw(st.integers(0, len(block)))
  stop = data.draw(st.integers(start, len(block)))
  ragged = Ragged.of(block)
  part = ragged.slice(start, stop)
  assert [sequence.tolist() for sequence in part] == block[start:stop]
  assert part.offsets[0] == 0
  assert part.offsets[-1] == len(part.values)
  # A slice of a slice counts from the slice.
  assert [s.tolist() for s in part.slice(0, len(part))] == block[start:stop]


@given(blocks.filter(len), st.data())
def test_take_is_that_of_the_list(block: list[list[int]], data: st.DataObject):
  indices = data.draw(st.lists(st.integers(0, len(block) - 1), max_size=9))
  taken = Ragged.of(block).take(np.array(indices, np.int64))
  assert [s.tolist() for s in taken] == [block[i] for i in indices]
  assert taken.values.dtype == np.int32


def test_slice_copies_no_values():
  ragged = Ragged.of([[1, 2], [3], [4, 5, 6]])
  assert np.shares_memory(ragged.slice(1, 3).values, ragged.values)


@given(st.lists(st.integers(0, 9), max_size=12))
def test_offsets_and_positions(lengths: list[int]):
  offsets = offsets_of(np.array(lengths, np.int64))
  assert offsets.tolist() == [sum(lengths[:i]) for i in range(len(lengths) + 1)]
  expected = [position for n in lengths for position in range(n)]
  assert position_in(offsets).tolist() == expected


def test_offsets_do_not_overflow_32_bits():
  lengths = np.full(3, 2**30, np.int32)
  assert offsets_of(lengths)[-1] == 3 * 2**30
