"""The members of packed sequences are those that the examples are from."""

import dataclasses

import pytest

from ul2_flan.pipelines.examples import members, packed, sample


def contents(run) -> dict[tuple, set[str]]:
  """The tokens of all examples of a run, and the data sets that have them."""
  found: dict[tuple, set[str]] = {}
  for many in sample.read(run, shards=99, most=9999).values():
    for sampled in many:
      for e in sampled.examples:
        key = (tuple(e['inputs']), tuple(e['targets']))
        found.setdefault(key, set()).add(sampled.data_set)
  return found


def test_each_example_is_one_of_its_member(shown_runs):
  known = {**contents(shown_runs['ul2']), **contents(shown_runs['flan'])}
  run = shown_runs['packed']
  (first, *_) = sample.read(run, most=9999)['ul2r_flan2022_packed']
  named = members.of_first_sequences(run)
  sequences = [list(packed.unpack(e)) for e in first.examples]
  assert len(named) == len(sequences) > 9
  for names, examples in zip(named, sequences, strict=True):
    for name, one in zip(names, examples, strict=True):
      key = (tuple(one.inputs[:-1]), tuple(one.targets[:-1]))
      assert name in known[key]


def test_without_the_runs_there_are_none(shown_runs):
  run = shown_runs['packed']
  config = run.manifest.run['config']
  gone = [{**m, 'output': 'nowhere'} for m in config['manifests']]
  facts = {**run.manifest.run, 'config': {**config, 'manifests': gone}}
  manifest = dataclasses.replace(run.manifest, run=facts)
  assert (
    members.of_first_sequences(dataclasses.replace(run, manifest=manifest))
    == []
  )
  assert members.of_first_sequences(shown_runs['flan']) == []


def test_what_is_too_large_is_not_read(shown_runs, monkeypatch):
  monkeypatch.setattr(members, 'MAX_BYTES', 10)
  assert members.of_first_sequences(shown_runs['packed']) == []


@pytest.mark.parametrize('change', [{'splits': {}}, {'members': {'train': {}}}])
def test_a_configuration_that_does_not_fit_names_none(shown_runs, change):
  run = shown_runs['packed']
  config = {**run.manifest.run['config'], **change}
  changed = {**run.manifest.run, 'config': config}
  manifest = dataclasses.replace(run.manifest, run=changed)
  odd = dataclasses.replace(run, manifest=manifest)
  assert members.of_first_sequences(odd) == []
