"""Files of dumps are found, joined from chunks, and sampled."""

from support.task_sources import released

from ul2_flan.pipelines.task_sources import Index, ReadOptions
from ul2_flan.pipelines.task_sources.released import find


def dump_of(folder, **options):
  return find(Index.of([str(folder)]), ReadOptions(**options))


def test_chunks_are_one_file_and_strange_files_are_none(tmp_path):
  folder = released.write_chunks(tmp_path / 'dump', released.rows())
  (folder / 'README.md').write_text('---\nlicense: apache-2.0\n---\n')
  (folder / 'dataset_infos.json').write_text('{"default": {}}\n')
  dump = dump_of(folder)
  assert [len(unit) for unit in dump.pieces] == [3, 3]
  assert dump.broken_lines
  assert sum(dump.unknown.values())
  assert dump.size == sum(f.stat().st_size for f in folder.glob('*.gz.*'))


def test_a_sample_tells_how_many_rows_there_are(tmp_path):
  made = released.rows(400)
  dump = dump_of(released.write_submix(tmp_path / 'dump', made))
  assert not dump.broken_lines
  assert not dump.one_task_files
  assert len(dump.rows) == 8
  assert all(300 < count < 500 for count in dump.rows.values())
  assert 20 < dump.text_bytes < 100


def test_a_large_file_is_cut(tmp_path):
  folder = released.write_submix(tmp_path / 'dump', released.rows(100), files=1)
  size = sum(f.stat().st_size for f in folder.rglob('*.parquet'))
  dump = dump_of(folder, piece_bytes=size // 3)
  assert len(dump.pieces) > 2


def test_files_of_one_task_each_are_known_as_such(tmp_path):
  folder = released.write_by_task(tmp_path / 'dump', released.rows())
  dump = dump_of(folder)
  assert dump.one_task_files
  assert dump.held_out == 2
  assert set(dump.rows) == {'flan2021:rte:zs_opt', 'flan2021:bool_q:zs_opt'}
