"""Examples of denoisers come apart into the text that they were made of."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.examples import masked, sample
from ul2_flan.tasks.denoising import (
  FeatureLengths,
  corrupt,
  load_preset,
  restore,
  solve,
)
from ul2_flan.tasks.ragged import Ragged


@pytest.fixture(scope='module')
def examples(shown_runs):
  found = sample.read(shown_runs['ul2'])
  return [e for many in found.values() for s in many for e in s.examples]


def test_the_denoiser_is_the_one_that_made_it(shown_runs, examples):
  run = shown_runs['ul2']
  objective = masked.objective_of(run)
  seen = set()
  for example in examples:
    one = masked.take_apart(example, objective, run.vocabulary)
    (name,) = example['provenance/denoiser']
    assert name.decode() in one.denoisers
    assert len(one.denoisers) < 3
    seen |= {*one.denoisers}
  assert len(seen) == 4


def test_the_text_is_what_restore_gives(shown_runs, examples):
  run = shown_runs['ul2']
  objective = masked.objective_of(run)
  for example in examples:
    one = masked.take_apart(example, objective, run.vocabulary)
    size = len(objective.mode_ids[0])
    sides = [example['inputs'][size:], example['targets']]
    ragged = [Ragged.of([s]) for s in sides]
    whole = restore(*ragged, objective.sentinels)[0]
    assert ''.join(s.text for s in one.text) == run.vocabulary.spell(whole)
    hidden = sum(s.kind == 'masked' for s in one.text)
    spans = sum(s.kind == 'sentinel' for s in one.inputs)
    assert hidden == max(spans, 1)
    assert one.tokens == len(whole)


@settings(max_examples=40)
@given(noise=st.lists(st.booleans(), min_size=2, max_size=20))
def test_any_mask_is_put_together(shown_runs, noise):
  """Also one that begins with a span; a span has its sentinel's number."""
  if len(set(noise)) < 2:
    return
  vocabulary = shown_runs['ul2'].vocabulary
  objective = masked.objective_of(shown_runs['ul2'])
  text = vocabulary.encode(
    'seven denoisers corrupt what a model must restore, one after the other'
  )[: len(noise)]
  sides = corrupt(
    Ragged.of([text]),
    np.array(noise[: len(text)]),
    np.array([True]),
    vocabulary.sentinels,
  )
  mode = objective.mode_ids[0]
  example = {'inputs': [*mode, *sides[0][0]], 'targets': sides[1][0]}
  one = masked.take_apart(example, objective, vocabulary)
  assert ''.join(s.text for s in one.text) == vocabulary.spell(text)
  numbers = [s.number for s in one.text if s.kind == 'masked']
  assert numbers == list(range(len(numbers)))
  assert one.share == pytest.approx(sum(noise[: len(text)]) / len(text))


@pytest.mark.parametrize('prefix', [0, 3])
def test_a_prefix_may_be_empty(shown_runs, prefix: int):
  """A causal LM predicts all of a text, a prefix LM what follows the prefix."""
  vocabulary = shown_runs['ul2'].vocabulary
  table = load_preset('prefix_lm' if prefix else 'causal_lm')
  objective = solve(
    table, FeatureLengths(64, 64, True), [()], vocabulary.sentinels, 0, 2
  )
  ids = vocabulary.encode('seven denoisers corrupt what a model restores')
  example = {'inputs': ids[:prefix], 'targets': ids[prefix:]}
  one = masked.take_apart(example, objective, vocabulary)
  assert one.denoisers == tuple(d.name for d in table.denoisers)
  assert ''.join(s.text for s in one.text) == vocabulary.spell(ids)
  assert one.text[-1].kind == 'masked'


def test_other_runs_have_no_objective(shown_runs):
  assert masked.objective_of(shown_runs['flan']) is None
  assert masked.objective_of(shown_runs['packed']) is None


@pytest.mark.parametrize('name', sorted(masked._NEEDED))
def test_without_a_part_of_its_configuration_there_is_none(shown_runs, name):
  run = shown_runs['ul2']
  config = {k: v for k, v in run.manifest.run['config'].items() if k != name}
  changed = {**run.manifest.run, 'config': config}
  manifest = dataclasses.replace(run.manifest, run=changed)
  assert masked.objective_of(run)
  assert (
    masked.objective_of(dataclasses.replace(run, manifest=manifest)) is None
  )
