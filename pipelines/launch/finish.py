"""The end of a run: from the reports of all work items to a readable output.

Runs once, on one worker, after every item is done. It may run again after a
failure at any point: `COMPLETED`, which seqio looks for, comes last.

One group of data sets is held at a time, from the report of its last part until
its line of the manifest is written.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import importlib.metadata
from typing import Any

from ul2_flan.pipelines.launch.manifest_writer import ManifestWriter
from ul2_flan.pipelines.run import reports
from ul2_flan.pipelines.run.contract import Accounts, Budget
from ul2_flan.pipelines.run.kinds import ACCOUNTS, SUMMARIES
from ul2_flan.pipelines.run.plan import PROGRESS_FOLDER, Plan, plan_path
from ul2_flan.pipelines.run.reports import Counts, ItemShard, under
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.parallel import each
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Feature, Shard, Split

# What the run made and what became of its sources, for people.
SUMMARY = 'summary.txt'


@dataclasses.dataclass(frozen=True, slots=True)
class _Closed:
  """A group all of whose parts are done.

  Attributes:
    name: the group's name; empty for what is counted of none.
    shards: that they wrote, or parts of shards.
    counts: of it and of its data sets.
  """

  name: str
  shards: list[ItemShard]
  counts: Counts


def finish(output: str, plan: Plan, budget: Budget) -> str:
  """Writes the manifest, the summary and seqio's files.

  Args:
    output: the output folder.
    plan: all of whose items are done.
    budget: how much may be rejected.

  Returns:
    the manifest's path.

  Raises:
    UserError: more was rejected than the run allows, or there is no example.
      The reports stay: with a larger budget, and else the same configuration,
      nothing is done again.
  """
  accounts = ACCOUNTS[plan.job](plan, budget)
  summary = SUMMARIES[plan.job](plan, output)
  path = files.join(output, manifest_lib.FILE_NAME)
  scratch = files.join(output, PROGRESS_FOLDER)
  with files.whole_file(path, scratch) as file, ManifestWriter(file) as writer:
    for group, made in _made(output, plan, accounts):
      writer.add(made, group.counts)
      summary.add(made, group.counts)
    fields = dict(plan.manifest)
    known = fields.pop('run', {})
    fields |= {'features': _features(plan), 'mixtures': accounts.mixtures}
    writer.end({**_run(plan), 'left_out': accounts.left_out, **known}, fields)
  text = summary.text(accounts.left_out) + '\n'
  files.write_bytes(files.join(output, SUMMARY), text.encode(), scratch)
  _complete(output, plan, accounts.left_out)
  # The plan first: the run is finished, for `made_already`, when it is gone.
  files.delete([plan_path(output)])
  files.delete_below(scratch)
  return path


def _run(plan: Plan) -> dict[str, Any]:
  """What the manifest says of any run, but for what it counted."""
  return {
    'job': plan.job,
    'config': plan.config,
    'plan': plan.fingerprint,
    'sources': plan.sources(),
    'versions': {
      name: importlib.metadata.version(name)
      for name in ('ul2-flan', 'numpy', 'sentencepiece')
    },
  }


def _features(plan: Plan) -> dict[str, Feature]:
  return {k: Feature(**v) for k, v in plan.manifest['features'].items()}


def _complete(output: str, plan: Plan, left_out: Mapping[str, str]) -> None:
  """Tells seqio of the data sets that there are, and deletes the others."""
  scratch = files.join(output, PROGRESS_FOLDER)

  def complete(data_set: str) -> None:
    files.write_bytes(completed_path(output, data_set), b'', scratch)

  kept = (
    data_set
    for name, planned in plan.groups.items()
    if name not in left_out
    for data_set in planned.data_sets
  )
  for _ in each(complete, kept, output):
    pass
  for name in left_out:
    for data_set in plan.groups[name].data_sets:
      folder = manifest_lib.folder_of(data_set)
      files.delete_below(files.join(output, folder))


def made_already(output: str) -> str:
  """The manifest's path, if an engine runs the end of a finished run again."""
  path = files.join(output, manifest_lib.FILE_NAME)
  if files.exists(path) and not files.exists(plan_path(output)):
    return path
  return ''


def completed_path(output: str, data_set: str) -> str:
  """The file whose existence tells seqio that a data set is whole."""
  folder = manifest_lib.folder_of(data_set)
  return files.join(output, folder, 'COMPLETED')


def _made(
  output: str, plan: Plan, accounts: Accounts
) -> Iterator[tuple[_Closed, dict[str, dict[str, Split]]]]:
  """The groups, and the data sets of those that are not left out."""
  features = _features(plan)
  scratch = files.join(output, PROGRESS_FOLDER)

  def judged() -> Iterator[_Closed]:
    for group in _closed(output, plan):
      if group.name:
        accounts.close(group.name, group.counts)
      else:
        accounts.end(group.counts, output)
      yield group

  def describe(group: _Closed) -> tuple[_Closed, dict[str, dict[str, Split]]]:
    if not group.name or group.name in accounts.left_out:
      return group, {}
    made = _data_sets(output, plan, group)
    for data_set, splits in made.items():
      own = manifest_lib.seqio_files(
        data_set, splits, features, plan.manifest['vocabulary']
      )
      for name, content in own.items():
        data = files.to_json(content)
        files.write_bytes(files.join(output, name), data, scratch)
    return group, made

  return each(describe, judged(), output)


def _closed(output: str, plan: Plan) -> Iterator[_Closed]:
  """The groups, each as soon as the reports of all its parts are read.

  Last comes what is counted of none.

  Raises:
    RuntimeError: there are work items without a report.
  """
  group_of = {d: name for name, g in plan.groups.items() for d in g.data_sets}
  parts_left = collections.Counter(p.group for i in plan.items for p in i.parts)
  counts = Counts()
  shards: dict[str, list[ItemShard]] = {}
  missing = 0
  found = each(lambda i: reports.read(output, i.index), plan.items, output)
  for item, report in zip(plan.items, found, strict=True):
    if report is None or report.plan != plan.fingerprint:
      missing += 1
      continue
    counts.merge(report.counts)
    for shard in report.shards:
      shards.setdefault(group_of[shard.data_set], []).append(shard)
    for part in item.parts:
      parts_left[part.group] -= 1
      if not parts_left[part.group]:
        own = counts.take((part.group, *plan.groups[part.group].data_sets))
        yield _Closed(part.group, shards.pop(part.group, []), own)
  if missing:
    raise RuntimeError(f'{missing} work items have no report')
  yield _Closed('', [], counts)


def _data_sets(
  output: str, plan: Plan, group: _Closed
) -> dict[str, dict[str, Split]]:
  """The data sets of a group: their splits, with all shards joined."""
  planned = plan.groups[group.name]
  stats = _stats(group.counts)
  found: dict[str, dict[str, Split]] = {}
  for data_set in planned.data_sets:
    splits = found[data_set] = {}
    for split in ('train', 'validation')[: 1 + bool(planned.validation_shards)]:
      own = sorted(
        (s for s in group.shards if (s.data_set, s.split) == (data_set, split)),
        key=lambda s: s.index,
      )
      numbers = stats.get((data_set, split), {'examples': 0})
      if not own or numbers['examples'] != sum(s.records for s in own):
        raise AssertionError(f'{data_set} {split}: records and counts differ')
      shards = (
        _join_parts(output, plan, group.name, own)
        if split == 'validation' and planned.joins
        else [_as_shard(s) for s in own]
      )
      splits[split] = Split(tuple(shards), numbers)
  return found


def _as_shard(shard: ItemShard) -> Shard:
  return Shard(shard.path, shard.records, shard.bytes, shard.crc32c)


def _stats(counts: Counts) -> dict[tuple[str, str], dict[str, int]]:
  """seqio's statistics by data set and split, over all that is in it."""
  stats: dict[tuple[str, str], dict[str, int]] = {}
  for numbers, combine in ((counts.sums, sum), (counts.maxima, max)):
    for data_set, found in numbers.items():
      for name, value in under(found, 'data/').items():
        split, _, key = name.split('/')
        own = stats.setdefault((data_set, split), {'examples': 0})
        own[key] = combine((own.get(key, 0), value))
  return stats


def _join_parts(
  output: str, plan: Plan, name: str, parts: Sequence[ItemShard]
) -> list[Shard]:
  """Joins a group's parts of a validation split, in order, into its shards."""
  group = plan.groups[name]
  runs: list[list[ItemShard]] = [[] for _ in range(group.validation_shards)]
  for part, shard in zip(plan.parts(name), parts, strict=True):
    runs[group.validation_shard(part)].append(shard)

  def join(index: int) -> Shard:
    run = runs[index]
    name = manifest_lib.shard_path(
      parts[0].data_set, 'validation', index, len(runs)
    )
    scratch = files.join(output, PROGRESS_FOLDER)
    with files.whole_file(files.join(output, name), scratch) as file:
      for part in run:
        # TFRecord files have no header: joined files are a file.
        data = files.read_bytes(files.join(output, part.path))
        if len(data) != part.bytes:
          raise OSError(f'{part.path}: {len(data)} bytes, not {part.bytes}')
        file.write(data)
      return Shard(name, sum(p.records for p in run), file.size, file.crc32c)

  return list(each(join, range(len(runs)), output))
