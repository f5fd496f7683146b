"""Packed sequences come apart into the examples that were packed."""

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.examples.packed import unpack
from ul2_flan.pipelines.mix.packing import pack
from ul2_flan.pipelines.mix.packing.shape import PackedShape
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.varints import Varints

_IDS = st.lists(st.integers(3, 90), min_size=1, max_size=5)


@pytest.mark.parametrize('architecture', ['enc_dec', 'prefix_lm', 'lm'])
@settings(max_examples=30)
@given(examples=st.lists(st.tuples(_IDS, _IDS), min_size=1, max_size=9))
def test_every_example_comes_back(architecture: str, examples):
  shape = PackedShape(
    architecture, 12, 12, inputs_eos=architecture == 'enc_dec'
  )
  sides = [Varints.of(Ragged.of(s)) for s in zip(*examples, strict=True)]
  made = pack(*sides, shape)
  columns = {
    name: ids.ragged() for name, ids in made.features(0, len(made)).items()
  }
  found = []
  for i in range(len(made)):
    sequence = {name: column[i] for name, column in columns.items()}
    found += [(p.inputs.tolist(), p.targets.tolist()) for p in unpack(sequence)]
  expected = []
  for inputs, targets in examples:
    if architecture == 'enc_dec':
      expected.append(([*inputs, 1], [*targets, 1]))
    elif architecture == 'prefix_lm':
      expected.append((inputs, [*targets, 1]))
    else:
      expected.append(([], [*inputs, *targets, 1]))
  assert sorted(found) == sorted(expected)
