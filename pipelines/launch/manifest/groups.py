"""Groups of data sets at the end of a run: from reports to their splits."""

import collections
from collections.abc import Collection, Iterator, Mapping, Sequence
import dataclasses

from ul2_flan.pipelines.run import (
  Counts,
  Group,
  ItemShard,
  Plan,
  paths,
  reports,
)
from ul2_flan.pipelines.run.counts import under
from ul2_flan.pipelines.run.reports import SmallFile
from ul2_flan.pipelines.storage import each, files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Shard, Split


@dataclasses.dataclass(frozen=True, slots=True)
class ClosedGroup:
  """A group whose parts are all done.

  Attributes:
    name: the group's name; empty for counts that belong to no group.
    shards: the shards, or parts of shards, that the parts wrote.
    counts: those of the group and of its data sets.
    damaged: of the last of all groups, which has no name: the files of which
      the run could not read all, and where and why not.
    rejects: of the same, the files of what was rejected, by their paths below
      the output.
  """

  name: str
  shards: list[ItemShard]
  counts: Counts
  damaged: Mapping[str, str] = dataclasses.field(default_factory=dict)
  rejects: Mapping[str, SmallFile] = dataclasses.field(default_factory=dict)


def closed(output: str, plan: Plan) -> Iterator[ClosedGroup]:
  """Yields each group as soon as the reports of all its parts are read.

  The counts that belong to no group come last.

  Raises:
    RuntimeError: some work items have no report.
  """
  # Parts of a group may be far apart, so several groups are open at a time, and
  # only these hold shards and counts.
  group_of = {d: name for name, g in plan.groups.items() for d in g.data_sets}
  parts_left = collections.Counter(p.group for i in plan.items for p in i.parts)
  counts = Counts()
  shards: dict[str, list[ItemShard]] = {}
  damaged: dict[str, str] = {}
  rejects: dict[str, SmallFile] = {}
  missing = 0
  read = each(lambda i: reports.read(output, i.index), plan.items, output)
  for item, report in zip(plan.items, read, strict=True):
    if report is None or report.plan != plan.fingerprint:
      missing += 1
      continue
    counts.merge(report.counts)
    # Of a file in several pieces, the first that is damaged tells.
    damaged = {**report.damaged_files, **damaged}
    if report.rejects:
      rejects[paths.quarantine_path('', item.index)] = report.rejects
    for shard in report.shards:
      # A file that is of no data set carries its group's name.
      group = group_of.get(shard.data_set, shard.data_set)
      shards.setdefault(group, []).append(shard)
    for part in item.parts:
      parts_left[part.group] -= 1
      if not parts_left[part.group]:
        owners = (part.group, *plan.groups[part.group].data_sets)
        made = shards.pop(part.group, [])
        yield ClosedGroup(part.group, made, counts.take(owners))
  if missing:
    raise RuntimeError(f'{missing} work items have no report')
  yield ClosedGroup('', [], counts, damaged, rejects)


def check_sizes(output: str, plan: Plan, group: ClosedGroup) -> None:
  """Compares the sizes of a group's shards with its reports.

  Parts of validation shards are compared when they are joined.

  Raises:
    UserError: some are gone, or cut. The reports of their work items are then
      deleted, so the same command makes them again.
  """
  sizes: dict[str, dict[str, int]] = {}
  for shard in group.shards:
    if not shard.path.startswith(f'{paths.PROGRESS_FOLDER}/'):
      in_data_set = sizes.setdefault(shard.data_set, {})
      in_data_set[files.join(output, shard.path)] = shard.bytes
  bad = [
    path for expected in sizes.values() for path in folders.differing(expected)
  ]
  if bad:
    _refuse_shards(output, plan, group, bad)


def _refuse_shards(
  output: str, plan: Plan, group: ClosedGroup, bad: Collection[str]
) -> None:
  """Deletes the reports of items that wrote bad files, and raises."""
  reports.discard(
    output,
    [
      item.index
      for item in plan.items
      if any(part.group == group.name for part in item.parts)
      and (report := reports.read(output, item.index))
      and any(files.join(output, s.path) in bad for s in report.shards)
    ],
  )
  raise UserError(
    f'{len(bad)} files were changed after they were written, such as '
    f'{min(bad)}. The same command makes them again'
  )


def data_sets(
  output: str, plan: Plan, group: ClosedGroup
) -> dict[str, dict[str, Split]]:
  """Describes the data sets of a group by split, and joins split shards.

  A data set has no validation split if none of its examples was held out.

  Raises:
    AssertionError: the shards hold other examples than were counted.
  """
  planned = plan.groups[group.name]
  stats = _stats(group.counts)
  made: dict[str, dict[str, Split]] = {}
  for data_set in planned.data_sets:
    splits = made[data_set] = {}
    for split in planned.splits:
      parts = sorted(
        (s for s in group.shards if (s.data_set, s.split) == (data_set, split)),
        key=lambda s: s.index,
      )
      numbers = stats.get((data_set, split), {'examples': 0})
      held_out = split == 'validation'
      if numbers['examples'] != sum(s.records for s in parts) or not (
        parts or held_out
      ):
        raise AssertionError(f'{data_set} {split}: records and counts differ')
      if held_out and not parts:
        continue
      shards = (
        _held_out(output, planned, parts)
        if held_out
        else [Shard(s.path, s.records, s.bytes, s.crc32c) for s in parts]
      )
      splits[split] = Split(tuple(shards), numbers)
  return made


def _stats(counts: Counts) -> dict[tuple[str, str], dict[str, int]]:
  """Returns seqio's statistics by data set and split.

  Counts have them for each denoiser of a data set; these add up.
  """
  stats: dict[tuple[str, str], dict[str, int]] = {}
  for numbers, combine in ((counts.sums, sum), (counts.maxima, max)):
    for data_set, named in numbers.items():
      for name, value in under(named, 'data/').items():
        split, _, key = name.split('/')
        total = stats.setdefault((data_set, split), {'examples': 0})
        total[key] = combine((total.get(key, 0), value))
  return stats


def _held_out(
  output: str, group: Group, parts: Sequence[ItemShard]
) -> list[Shard]:
  """Makes the validation shards of a data set of what its parts held out.

  A part that held nothing out wrote no file; its shard may then be empty.
  """
  runs: list[list[ItemShard]] = [[] for _ in range(group.validation_shards)]
  for shard in parts:
    runs[group.validation_shard(shard.index)].append(shard)

  def make(index: int) -> Shard:
    run = runs[index]
    if run and not group.joins:
      (part,) = run
      return Shard(part.path, part.records, part.bytes, part.crc32c)
    path = manifest_lib.shard_path(
      parts[0].data_set, 'validation', index, len(runs)
    )
    scratch = paths.progress_folder(output)
    with files.whole_file(files.join(output, path), scratch) as file:
      for part in run:
        # A TFRecord file has no header: joined files are one file.
        data = files.read_bytes(files.join(output, part.path))
        if len(data) != part.bytes:
          raise OSError(f'{part.path}: {len(data)} bytes, not {part.bytes}')
        file.write(data)
      return Shard(path, sum(p.records for p in run), file.size, file.crc32c)

  return list(each(make, range(len(runs)), output))
