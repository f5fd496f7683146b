"""Keys and rows of a bin come in the same order, kept in memory or not."""

from ul2_flan.pipelines.flan.released import routed_rows
from ul2_flan.pipelines.flan.released.routed_rows import RoutedFiles
from ul2_flan.tasks.seeding import content_key


def test_keys_are_those_of_the_rows(routed, monkeypatch, tmp_path):
  plan, worker = routed()
  for kept in (routed_rows._KEPT_BYTES, 0):
    monkeypatch.setattr(routed_rows, '_KEPT_BYTES', kept)
    files = RoutedFiles(plan, worker._bins, str(tmp_path / 'out'))
    for number in range(len(worker._bins.item_of)):
      keys = [k for some in files.keys(number) for k in some.tolist()]
      rows = [row for _, b in files.rows(number) for row in b.to_pylist()]
      texts = (f'{row["inputs"]}\0{row["targets"]}' for row in rows)
      assert keys == [content_key(text.encode()) for text in texts]
      assert len(keys) in (0, 30)
