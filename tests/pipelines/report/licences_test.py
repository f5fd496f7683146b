"""Licences are those of the catalog, the unknown ones first."""

from ul2_flan.pipelines.report import licences
from ul2_flan.tasks import catalog


def test_unknown_ones_come_first(shown_runs):
  found = licences.of([run.manifest for run in shown_runs.values()])
  assert [bool(licence.name) for licence in found] == [False] + [True] * (
    len(found) - 1
  )
  assert 'text of ul2r' in found[0].names
  licence = catalog.load('cot:gsm8k').licence
  (mine,) = [x for x in found if x.name == licence]
  assert 'cot:gsm8k' in mine.names


def test_a_mixture_counts_what_it_takes(shown_runs):
  manifest = shown_runs['packed'].manifest
  found = licences.of([manifest])
  members = manifest.run['config']['members']
  total = sum(count for m in members.values() for *_, count in m.values())
  assert sum(licence.examples for licence in found) == total
