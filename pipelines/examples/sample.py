"""Reads the first records of a few shards of each group of data sets.

Shards are in an order that hashes of keys decide, so their first records are
as good a sample as any. How much is read depends on the number of groups, not
on that of data sets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
import dataclasses
import itertools

from ul2_flan.pipelines.examples.kinds import held
from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.storage import each, files
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Manifest, Shard
from ul2_flan.tasks.records import Feature

# Of each group so many shards, and of each of these so many records: enough
# for a histogram, and a second's work for the whole collection.
SHARDS = 6
RECORDS = 64

# A longer record is passed over: it could not be shown anyway.
_MAX_RECORD_BYTES = 4 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Sampled:
  """Records of one shard.

  Attributes:
    data_set: that the shard is of.
    path: of the shard, below the output.
    examples: the features of each record, by name.
    problem: why there are no more; empty if there is nothing wrong.
  """

  data_set: str
  path: str
  examples: Sequence[Mapping[str, Feature]]
  problem: str = ''


def choose(
  manifest: Manifest, split: str = '', most: int = SHARDS
) -> dict[str, list[tuple[str, Shard]]]:
  """Chooses shards, for each group evenly among all that it has.

  Args:
    manifest: the run's.
    split: whose shards; by default `main_split`.
    most: how many of each group.

  Returns:
    group -> data sets with a shard of theirs each, at most `most`.
  """
  split = split or main_split(manifest)
  shards: dict[str, list[tuple[str, Shard]]] = {}
  for data_set, splits in manifest.data_sets.items():
    if split in splits:
      made = [s for s in splits[split].shards if s.records]
      group = shards.setdefault(held(data_set).group, [])
      group += [(data_set, shard) for shard in made]
  return {
    group: [found[i * len(found) // most] for i in range(most)]
    if len(found) > most
    else found
    for group, found in sorted(shards.items())
    if found
  }


def main_split(manifest: Manifest) -> str:
  """Returns the split to show: 'train', or the one that there is."""
  splits = {split for made in manifest.data_sets.values() for split in made}
  return min(splits, key=lambda split: (split != 'train', split), default='')


def read(
  run: Run, split: str = '', shards: int = SHARDS, most: int = RECORDS
) -> dict[str, list[Sampled]]:
  """Reads a sample of each group of data sets.

  A shard that is missing or damaged is told in `Sampled.problem`.

  Args:
    run: the run.
    split: whose shards are read; by default `main_split`.
    shards: how many of each group, at most.
    most: how many records of each shard.
  """
  chosen = choose(run.manifest, split, shards)
  flat = [
    (group, data_set, shard)
    for group, found in chosen.items()
    for data_set, shard in found
  ]
  sampled = each(lambda c: read_shard(run, *c[1:], most), flat, run.output)
  groups: dict[str, list[Sampled]] = {}
  for (group, *_), found in zip(flat, sampled, strict=True):
    groups.setdefault(group, []).append(found)
  return groups


def read_shard(run: Run, data_set: str, shard: Shard, most: int) -> Sampled:
  """Reads the first records of a shard."""
  examples: list[Mapping[str, Feature]] = []
  problem = ''
  try:
    for _, example in itertools.islice(examples_of(run, shard), most):
      # Not `extend`: what was read before an error stays.
      examples.append(example)
  except (OSError, records.CorruptRecordError) as e:
    problem = f'{shard.path}: {files.why(e)}'
  return Sampled(data_set, shard.path, examples, problem)


def examples_of(
  run: Run, shard: Shard, wanted: Callable[[bytes], bool] = lambda record: True
) -> Iterator[tuple[int, Mapping[str, Feature]]]:
  """Reads the records of a shard, one by one.

  Args:
    run: the run.
    shard: of one of its data sets.
    wanted: whether to decode a record, given its bytes.

  Yields:
    the number of a record in its shard, and its features by name.

  Raises:
    CorruptRecordError: the shard is damaged.
  """
  path = files.join(run.output, shard.path)
  with files.open_read(path) as file:
    found = records.read_records(file, path, _MAX_RECORD_BYTES)
    for number, record in enumerate(found):
      if isinstance(record, bytes) and wanted(record):
        yield number, records.decode_example(record)
