"""Whole exports: any engine, any restart, and what others may do with them."""

from pathlib import Path

import apache_beam as beam
from pyarrow import parquet as pq
import pytest
from support.corpora import tree
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import examples, export, mix, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.export import transform
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)


def exported(run: Path, output: Path, **more: str) -> Path:
  config = export.Config(manifest=str(run), **{'format': 'parquet', **more})
  export.run(config, output=str(output), engine=ONE)
  return output


def rows_of(output: Path, data_set: str, split: str) -> list[dict]:
  shards = manifest_of(output).data_sets[data_set][split].shards
  tables = [pq.read_table(output / shard.path) for shard in shards]
  return [row for table in tables for row in table.to_pylist()]


@pytest.fixture(scope='module')
def made(runs, tmp_path_factory) -> Path:
  return exported(runs['enc_dec'], tmp_path_factory.mktemp('made') / 'out')


def test_examples_are_those_of_the_run(runs, made):
  run = runs['enc_dec']
  source = manifest_of(run)
  assert manifest_of(made).data_sets.keys() == source.data_sets.keys()
  for name, splits in source.data_sets.items():
    for split in splits:
      expected = [
        {
          k: [*v.tolist(), 1] if k in ('inputs', 'targets') else v[0].decode()
          for k, v in records.decode_example(record).items()
        }
        for record in records_of(run, name, split)
      ]
      assert rows_of(made, name, split) == expected


@pytest.mark.parametrize('name', ['enc_dec_packed', 'decoder_packed'])
def test_packed_sequences_keep_all_columns(runs, tmp_path, name: str):
  output = exported(runs[name], tmp_path / 'out')
  ((data_set, _),) = manifest_of(output).data_sets.items()
  expected = [
    {k: v.tolist() for k, v in records.decode_example(record).items()}
    for record in records_of(runs[name], data_set, 'train')
  ]
  assert rows_of(output, data_set, 'train') == expected
  assert any(key.endswith('_segment_ids') for key in expected[0])


def test_it_is_whole(made):
  assert verify.verify(str(made), quick=False).problems == []
  names = {path.split('/')[-1] for path in tree(made)}
  assert not names & {'COMPLETED', 'info.train.json'}
  assert any(name.startswith('train-00000-of-0000') for name in names)


def test_beam_makes_the_same_bytes(runs, made, tmp_path):
  config = export.Config(manifest=str(runs['enc_dec']), format='parquet')
  planned = export.plan(config, output=str(tmp_path / 'out'))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | export.Materialise(planned)
  assert tree(tmp_path / 'out') == tree(made)


def test_a_stopped_export_is_gone_on_with(runs, made, tmp_path, monkeypatch):
  # Each shard is a work item.
  monkeypatch.setattr(
    'ul2_flan.pipelines.export.planning._SHARD_BYTES', 64 << 20
  )
  output, done = tmp_path / 'out', []
  write = transform.export_item

  def stop_after_two(output, plan, worker, item):
    if len(done) == 2:
      raise KeyboardInterrupt
    done.append(item.index)
    return write(output, plan, worker, item)

  monkeypatch.setattr(transform, 'export_item', stop_after_two)
  with pytest.raises(KeyboardInterrupt):
    exported(runs['enc_dec'], output)
  assert not (output / 'manifest.json').exists()
  again = []

  def note(output, plan, worker, item):
    again.append(item.index)
    return write(output, plan, worker, item)

  monkeypatch.setattr(transform, 'export_item', note)
  exported(runs['enc_dec'], output)
  assert not set(again) & set(done)
  shards = {k: v for k, v in tree(output).items() if k.endswith('.parquet')}
  assert shards == {
    k: v for k, v in tree(made).items() if k.endswith('.parquet')
  }


def test_another_format_of_columns_needs_overwrite(runs, made, tmp_path):
  output = exported(runs['enc_dec'], tmp_path / 'out')
  config = export.Config(
    manifest=str(runs['enc_dec']), format='parquet', columns='transformers'
  )
  with pytest.raises(UserError, match=r'columns.*seqio.*transformers'):
    export.run(config, output=str(output), engine=ONE)
  own = output / 'mine.txt'
  own.write_text('mine')
  manifest = export.run(config, output=str(output), engine=ONE, overwrite=True)
  assert manifest.features.keys() >= {'input_ids', 'labels'}
  assert own.read_text() == 'mine'
  assert verify.verify(str(output), quick=False).problems == []


def test_a_changed_shard_is_found(made, runs, tmp_path):
  output = exported(runs['enc_dec'], tmp_path / 'out')
  path = min(output.rglob('*.parquet'))
  data = path.read_bytes()
  path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
  (problem,) = verify.verify(str(output), quick=False).problems
  assert problem == f'changed: {path} is not the shard that the run wrote'
  path.unlink()
  (problem,) = verify.verify(str(output), quick=False).problems
  assert problem.startswith('missing: ')


def test_an_export_is_no_run_to_mix_to_export_or_to_show(made, tmp_path):
  for module, config in (
    (mix, mix.Config(manifests=[str(made)], mixture='ul2')),
    (export, export.Config(manifest=str(made), format='parquet')),
  ):
    with pytest.raises(UserError, match=r'is an export .*to_export0/enc_dec'):
      module.plan(config, output=str(tmp_path / 'out'))
  with pytest.raises(UserError, match=r'is an export .*to_export0/enc_dec'):
    examples.load(str(made))


def test_its_card_knows_what_the_run_was_made_of(runs, made):
  source, export_of_it = manifest_of(runs['enc_dec']), manifest_of(made)
  assert export_of_it.run['origin'] == source.run['origin']
  assert export_of_it.run['origin']['licences'] == {'': ['ul2r']}
