"""A whole run over a dump: accounts, text, and a restart at any point."""

from support.corpora import tree
from support.outputs import manifest_of, records_of
from support.task_sources import released

from ul2_flan.pipelines import flan, verify
from ul2_flan.pipelines.flan import worker as worker_module
from ul2_flan.pipelines.flan.released import make
from ul2_flan.tasks.records.examples import decode_example

FEW = '--tasks=flan2021:rte,dialog:wiki_dialog_inverted,flan2021:cola'


def test_a_dump_becomes_data_sets_with_its_own_texts(flags, tmp_path, capsys):
  more = [FEW, '--keep_text', '--provenance', '--local_workers=1']
  assert flan.main(flags('out', *more)) == 0
  out = tmp_path / 'out'
  assert verify.main([str(out)]) == 0
  told = capsys.readouterr().out
  assert 'rendered by google-research/FLAN' in told
  assert 'no row of it is in the dump' in told
  assert not (out / '_progress').exists()
  manifest = manifest_of(out)
  assert manifest.run['released'] == {'rendered_by': 'google-research/FLAN'}
  names = [
    f'flan:{task}:{setting}'
    for task in ('flan2021:rte', 'dialog:wiki_dialog_inverted')
    for setting in released.SETTINGS
  ]
  assert set(manifest.data_sets) == set(names)
  assert manifest.run['counts']['released'] == {
    'read': 120, 'dropped/not_wanted': 120
  }  # fmt: skip
  made = [
    decode_example(record)
    for name in names
    for split in ('train', 'validation')
    for record in records_of(out, name, split)
  ]
  pairs = {
    (row['inputs'], row['targets'])
    for row in released.rows()
    if row['task_name'] in ('super_glue/rte:1.0.2', 'wiki_dialog_ii')
  }
  assert len(made) == len(pairs)
  assert {
    (
      e['inputs_pretokenized'][0].decode(),
      e['targets_pretokenized'][0].decode(),
    )
    for e in made
  } == pairs
  template = {e['provenance/template'][0] for e in made}
  assert template == {b'google-research/FLAN'}


def test_a_stopped_run_goes_on_and_a_changed_dump_is_routed_anew(
  flags, tmp_path, monkeypatch, dump
):
  folder = tmp_path / 'dump'
  released.write_submix(folder, released.rows())
  one = [FEW, '--local_workers=1']
  real = make.make

  def stops(*args):
    yield from real(*args)
    raise OSError('the disk is gone')

  monkeypatch.setattr(worker_module, 'make', stops)
  assert flan.main(flags('out', *one, folder=folder)) == 1
  assert list((tmp_path / 'out/_progress/scratch').iterdir())
  assert len(list((tmp_path / 'out/_progress').glob('item-*.json'))) == 1
  monkeypatch.undo()
  # The files are the same in size, and their rows are others.
  changed = [
    {**row, 'targets': row['targets'].replace('It', 'at')}
    for row in released.rows()
  ]
  released.write_submix(tmp_path / 'changed', changed)
  sizes = {p.name: p.stat().st_size for p in folder.rglob('*.parquet')}
  for path in (tmp_path / 'changed').rglob('*.parquet'):
    assert path.stat().st_size == sizes[path.name]
    (folder / 'data' / path.name).write_bytes(path.read_bytes())
  assert flan.main(flags('out', *one, folder=folder)) == 0
  assert flan.main(flags('fresh', *one, folder=folder)) == 0
  shards = {
    name: data
    for name, data in tree(tmp_path / 'out').items()
    if 'tfrecord' in name
  }
  assert shards
  assert shards.items() <= tree(tmp_path / 'fresh').items()


def test_too_many_rows_of_no_task_fail_a_run(flags, tmp_path, capsys):
  rows = released.rows()
  strange = [{**row, 'task_name': 'mmlu'} for row in rows[:40]]
  folder = released.write_submix(tmp_path / 'dump', [*rows, *strange])
  given = flags('out', FEW, folder=folder)
  assert flan.main([*given, '--local_workers=1']) == 1
  assert '40 unknown_task of 280 rows rejected' in capsys.readouterr().err
