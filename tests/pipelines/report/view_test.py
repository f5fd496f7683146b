"""A view of a run has what its kind has, and says what it could not read."""

import dataclasses

from ul2_flan.pipelines.report import view


def test_each_kind_has_its_sections(shown_runs):
  views = {name: view.of(run) for name, run in shown_runs.items()}
  has = {
    name: {
      field.name
      for field in dataclasses.fields(made)
      if getattr(made, field.name)
    }
    for name, made in views.items()
  }
  common = {
    *('name', 'kind', 'output', 'totals', 'stages', 'lengths', 'rates'),
    *('coverage', 'licences', 'facts'),
  }
  assert has['ul2'] == common | {'masked', 'reasons'}
  assert has['flan'] - {'reasons'} == common | {'families', 'shown'}
  assert has['packed'] == common | {'packs', 'repeated'}
  assert dict(views['packed'].totals)['data sets'] == '1'


def test_rejects_are_shown_with_their_reason(shown_runs):
  reasons = {r.reason: r for r in view.of(shown_runs['ul2']).reasons}
  assert reasons['not_json'].is_fault
  assert [s.record for s in reasons['not_json'].samples] == ['<not json>']
  assert not reasons['empty'].is_fault


def test_what_is_missing_is_shown(shown_runs):
  run = shown_runs['flan']
  facts = {**run.manifest.run, 'left_out': {'cot:a': 'no file'}}
  manifest = dataclasses.replace(run.manifest, run=facts)
  lost = dataclasses.replace(
    run, manifest=manifest, output='gone', vocabulary=None, note='no model'
  )
  made = view.of(lost)
  assert 'cot:a: no file' in made.left_out
  assert made.notes[0] == 'no model'
  assert all('No such file' in note for note in made.notes[1:])
  assert len(made.notes) > 2
  assert not made.lengths
  assert made.stages
