"""What finished runs left in their output folders."""

from pathlib import Path

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Manifest


def manifest_of(folder: Path) -> Manifest:
  path = folder / 'manifest.json'
  return manifest_lib.parse(path.read_bytes(), str(path))


def records_of(folder: Path, data_set: str, split: str) -> list[bytes]:
  """The records of a data set's split, in order."""
  read = []
  for shard in manifest_of(folder).data_sets[data_set][split].shards:
    with (folder / shard.path).open('rb') as file:
      read += records.read_records(file, shard.path)
  return read
