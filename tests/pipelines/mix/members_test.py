"""Members give what their rates say, and splits have room for it."""

import dataclasses
import functools

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from support import collection_runs

from ul2_flan.mixtures.definition import load as load_definition
from ul2_flan.mixtures.resolve import Resolved, resolve
from ul2_flan.pipelines.mix import Config, members
from ul2_flan.tasks.manifest import Shard, Split

CONFIG = Config(manifests=['run'], mixture='ul2r', num_examples=1000)
STORED = 250  # bytes of an example


def split_of(examples: int) -> Split:
  stats = dataclasses.replace(collection_runs.split(examples, 40)).stats
  half = examples // 2
  shards = (
    Shard('a', half, STORED * half, '0'),
    Shard('b', examples - half, STORED * (examples - half), '0'),
  )
  return Split(shards, stats)


@pytest.fixture(scope='module')
def run():
  """A UL2 run; some of its denoisers have a validation split."""
  manifest = collection_runs.ul2_run('ul2r')
  data_sets = {}
  for i, (name, splits) in enumerate(manifest.data_sets.items()):
    examples = splits['train'].stats['examples'] // 1000
    data_sets[name] = {'train': split_of(examples)}
    if i:
      data_sets[name]['validation'] = split_of(7 * i)
  return dataclasses.replace(manifest, data_sets=data_sets)


def chosen(run, **changes):
  config = dataclasses.replace(CONFIG, **changes)
  resolved = resolve(load_definition('ul2r', ()), [run])
  return members.choose_members(resolved, [run], config), config


@given(num_examples=st.integers(1, 5000), most=st.integers(0, 40))
def test_counts_add_up_and_validation_does_not_repeat(run, num_examples, most):
  found, _ = chosen(
    run, num_examples=num_examples, num_validation_examples=most
  )
  assert sum(m.count for m in found['train'].values()) == num_examples
  assert ('validation' in found) == (most > 0)
  validation = found.get('validation', {}).values()
  assert sum(m.count for m in validation) <= most
  assert all(m.count <= m.examples for m in validation)


@functools.cache
def flan2022() -> Resolved:
  """A mixture of thousands of data sets."""
  return resolve(load_definition('flan2022_b'), [collection_runs.flan_run()])


def train_counts(num_examples: int) -> list[int]:
  """How many examples each member of it gives, in the members' order."""
  config = dataclasses.replace(CONFIG, num_examples=num_examples)
  found = members.choose_members(
    flan2022(), [collection_runs.flan_run()], config
  )
  return [found['train'][m.data_set].count for m in flan2022().members]


@given(num_examples=st.integers(1, 10**10))
@settings(max_examples=5)
def test_counts_are_within_one_of_the_rates(num_examples):
  counts = train_counts(num_examples)
  assert sum(counts) == num_examples
  for member, count in zip(flan2022().members, counts, strict=True):
    # Rates add up to 1 but for rounding.
    assert abs(count - num_examples * member.rate) < 1 + 1e-3


def test_nothing_repeats_up_to_the_size_that_is_named():
  sizes = [member.examples for member in flan2022().members]
  once = flan2022().examples_once
  for num_examples, repeats in ((once, False), (once + len(sizes), True)):
    pairs = zip(train_counts(num_examples), sizes, strict=True)
    assert any(count > size for count, size in pairs) == repeats


def test_by_default_no_training_example_repeats(run):
  found, _ = chosen(run, num_examples=0)
  assert all(m.count <= m.examples for m in found['train'].values())
  # One more would.
  used = [m.count / m.examples for m in found['train'].values()]
  assert max(used) > 0.99


@given(
  epochs=st.integers(1, 4),
  min_shards=st.integers(1, 3000),
  shard_mb=st.sampled_from([0.01, 0.1, 1.0]),
  pack=st.sampled_from(['', 'lm']),
)
def test_splits_have_a_place_for_each_use(
  run, epochs, min_shards, shard_mb, pack
):
  found, config = chosen(
    run, epochs=epochs, min_shards=min_shards, shard_mb=shard_mb, pack=pack
  )
  sizes = members.split_sizes(found, [run], config)
  train = sizes['train']
  assert train.places == epochs * 1000
  assert sizes['validation'].epochs == 1
  factor = members.PACKED_FACTOR if pack else 1
  for size in sizes.values():
    assert size.bytes == pytest.approx(size.places * STORED * factor, abs=1)
    # No shard is empty, and none is larger than asked for.
    assert 1 <= size.shards <= size.places
    if size.shards < size.places:
      assert size.bytes / size.shards <= shard_mb * 1e6
  assert train.shards >= min(min_shards, train.places)


def test_sources_are_the_shards_that_give_something(run):
  found, config = chosen(run, epochs=3, num_validation_examples=0)
  told = members.sources(found, [run], config)
  data_sets = [run.data_sets[name]['train'] for name in found['train']]
  shards = [shard for d in data_sets for shard in d.shards]
  assert told['source_files'] == len(shards)
  assert told['source_bytes'] == sum(shard.bytes for shard in shards)
  # Forty tokens an example, to within how its sides are rounded.
  assert told['tokens'] == pytest.approx(3 * 1000 * 40, rel=0.05)
