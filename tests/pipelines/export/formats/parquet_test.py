"""Parquet files hold each column, and files without examples are whole."""

from pathlib import Path

from pyarrow import parquet as pq
import pytest

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.export.formats.parquet import ParquetWriter
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.ragged import Ragged

FEATURES = {
  'inputs': Feature('int32', 8, add_eos=True),
  'number': Feature('int64'),
  'text': Feature('string'),
}
COLUMNS = Columns(FEATURES, decoder_only=False, names='seqio', eos_id=1)


@pytest.mark.parametrize('windows', [0, 1, 3])
def test_each_window_is_a_row_group(tmp_path: Path, windows: int):
  path = tmp_path / 'a.parquet'
  examples = records.encode_examples(
    {
      'inputs': Ragged.of([[5, 300], [], [70000]]),
      'number': Ragged.of([[0], [7], [9]]),
      'text': ['é'.encode(), b'', b'b'],
    }
  )
  frames = records.Frames.of(examples)
  with (
    files.whole_file(str(path), str(tmp_path)) as file,
    ParquetWriter(file, COLUMNS) as writer,
  ):
    for _ in range(windows):
      writer.write(frames, 'x')
  read = pq.ParquetFile(path)
  assert read.num_row_groups == windows
  assert read.read().to_pydict() == {
    'inputs': [[5, 300, 1], [1], [70000, 1]] * windows,
    'number': [0, 7, 9] * windows,
    'text': ['é', '', 'b'] * windows,
  }
  assert str(read.schema_arrow.field('inputs').type) == 'list<element: int32>'
