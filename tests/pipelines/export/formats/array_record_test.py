"""ArrayRecord files have the record bytes of the run, each by its number."""

from pathlib import Path
import sys

import pytest
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import export, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.export.formats.array_record import ArrayRecordWriter
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError


@pytest.fixture
def reader():
  module = pytest.importorskip(
    'array_record.python.array_record_module',
    reason='needs ul2-flan[array_record]',
  )
  return module.ArrayRecordReader


def test_records_are_those_of_the_run(runs, tmp_path: Path, reader):
  run = runs['enc_dec']
  config = export.Config(manifest=str(run), format='array_record')
  export.run(config, output=str(tmp_path), engine=Engine(local_workers=1))
  assert verify.verify(str(tmp_path), quick=False).problems == []
  made = manifest_of(tmp_path)
  assert made.features == manifest_of(run).features
  for name, splits in made.data_sets.items():
    for split, info in splits.items():
      found = []
      for shard in info.shards:
        opened = reader(str(tmp_path / shard.path))
        assert opened.num_records() == shard.records
        if shard.records:
          assert 'group_size:1,' in opened.writer_options_string()
          found += opened.read_all()
        opened.close()
      assert found == records_of(run, name, split)


@pytest.mark.parametrize('count', [0, 3])
def test_a_file_is_whole_and_nothing_else_stays(tmp_path, reader, count: int):
  some = [bytes([n]) * n for n in range(count)]
  columns = Columns({}, decoder_only=False, names='seqio', eos_id=1)
  with (
    files.whole_file(str(tmp_path / 'a'), str(tmp_path)) as file,
    ArrayRecordWriter(file, columns) as writer,
  ):
    writer.write(records.Frames.of(some), 'x')
  opened = reader(str(tmp_path / 'a'))
  assert (opened.read_all() if count else []) == some
  assert [path.name for path in tmp_path.iterdir()] == ['a']


def test_without_the_library_it_says_how_to_get_it(runs, monkeypatch):
  monkeypatch.setitem(
    sys.modules, 'array_record.python.array_record_module', None
  )
  config = export.Config(manifest=str(runs['enc_dec']), format='array_record')
  with pytest.raises(UserError, match=r'ul2-flan\[array_record\]'):
    export.plan(config, output='out')
