"""Coverage counts ids of the sample, and unknown tokens of the run."""

import dataclasses

import numpy as np

from ul2_flan.pipelines.examples import sample
from ul2_flan.pipelines.report import coverage


def test_ids_are_those_of_the_sample(shown_runs):
  run = shown_runs['packed']
  found = sample.read(run)
  made = coverage.of(run.manifest, found)
  ids = [
    e[side]
    for many in found.values()
    for s in many
    for e in s.examples
    for side in ('inputs', 'targets')
  ]
  assert made.tokens == sum(map(len, ids))
  assert made.seen == len(set(np.concatenate(ids).tolist()))
  assert made.size == run.vocabulary.size
  assert made.unknown is None


def test_unknown_tokens_are_those_of_the_run(shown_runs):
  run = shown_runs['ul2']
  made = coverage.of(run.manifest, sample.read(run))
  counts = run.manifest.run['counts']['tokens']
  assert (made.unknown, made.total) == (counts['unknown'], counts['read'])
  run = shown_runs['flan']
  counts = {**run.manifest.run['counts']}
  name = 'flan:cot:gsm8k:zs_opt'
  counts[name] = {**counts[name], 'unknown/inputs': 50}
  facts = {**run.manifest.run, 'counts': counts}
  manifest = dataclasses.replace(run.manifest, run=facts)
  made = coverage.of(manifest, sample.read(run))
  shares = [share for _, share in made.worst]
  assert 0 < dict(made.worst)['cot:gsm8k'] < 1
  assert shares == sorted(shares, reverse=True)


def test_nothing_that_can_be_read_gives_nothing(shown_runs):
  assert coverage.of(shown_runs['ul2'].manifest, {}) is None
