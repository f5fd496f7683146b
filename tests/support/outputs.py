"""What finished runs left in their output folders."""

from pathlib import Path

from support.corpora import tree

from ul2_flan.pipelines import storage
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Manifest


def manifest_of(folder: Path) -> Manifest:
  return storage.manifest_of(str(folder))


def there(folder: Path) -> list[str]:
  """All files below a folder, as sorted relative paths."""
  return sorted(tree(folder))


def read_shard(path: Path) -> list[bytes]:
  """The records of a shard, in order."""
  with path.open('rb') as file:
    return list(records.read_records(file, str(path)))


def records_of(folder: Path, data_set: str, split: str) -> list[bytes]:
  """The records of a data set's split, in order."""
  return [
    record
    for shard in manifest_of(folder).data_sets[data_set][split].shards
    for record in read_shard(folder / shard.path)
  ]
