"""A walk finds each feature of each example, and tells who is otherwise."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged, offsets_of
from ul2_flan.tasks.records import walk

FEATURES = {'ids': True, 'note': False}

rows = st.lists(
  st.tuples(st.lists(st.integers(0, 127), max_size=200), st.binary()),
  min_size=1,
  max_size=6,
)


def examples_of(rows: list[tuple[list[int], bytes]]) -> list[bytes]:
  ids, notes = zip(*rows, strict=True)
  return records.encode_examples({'ids': Ragged.of(ids), 'note': notes})


def walked(examples: list[bytes]):
  offsets = offsets_of(np.array(list(map(len, examples))))
  joined = b''.join([*examples, bytes(8)])
  found, good = walk.payloads(
    joined, offsets[:-1], offsets[1:], FEATURES, texts=True
  )
  return joined, found, good


@given(rows=rows)
def test_features_are_where_they_are_found(rows: list[tuple[list[int], bytes]]):
  joined, found, good = walked(examples_of(rows))
  assert good.all()
  for place, name in enumerate(FEATURES):
    starts, stops = (bounds.tolist() for bounds in found[name])
    for row, start, stop in zip(rows, starts, stops, strict=True):
      # Ids below 128 are a byte each.
      assert joined[start:stop] == bytes(row[place])


@given(rows=rows, data=st.data())
def test_an_example_of_other_features_is_told(
  rows: list[tuple[list[int], bytes]], data: st.DataObject
):
  examples = examples_of(rows)
  other = data.draw(st.integers(0, len(rows) - 1))
  examples[other] = records.encode_examples({'ids': Ragged.of([[7]])})[0]
  _, _, good = walked(examples)
  assert np.flatnonzero(~good).tolist() == [other]
