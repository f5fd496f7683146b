"""Frames come out as they went in."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.pipelines.mix import frames
from ul2_flan.tasks.ragged import offsets_of
from ul2_flan.tasks.records import Frames

RECORDS = st.lists(st.binary(max_size=20), max_size=12)


@given(st.lists(RECORDS.filter(bool), min_size=1, max_size=5))
def test_blocks_hold_frames_and_places(parts):
  start, made = 0, []
  for part in parts:
    places = np.arange(start, start + len(part))
    sizes = np.array([len(frame) for frame in part])
    made.append((places, Frames(b''.join(part), offsets_of(sizes))))
    start += len(part)
  expected = [frame for part in parts for frame in part]
  # One block of all parts, or one of each.
  for blocks in (
    [frames.make_block(made)],
    [frames.make_block([part]) for part in made],
  ):
    gathered = frames.Gathered(blocks)
    assert len(gathered) == len(expected)
    order = np.arange(len(expected))[::-1]
    assert list(gathered.take(order)) == expected[::-1]
    assert gathered.sizes.tolist() == list(map(len, expected))
    assert frames.places_of(blocks).tolist() == list(range(start))
