"""Plans of a few bytes, and the runs that they leave on disk."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from pathlib import Path
from typing import Any

from support import manifests

from ul2_flan.pipelines.launch import finish, resume
from ul2_flan.pipelines.run import (
  Budget,
  Counts,
  Group,
  ItemShard,
  Part,
  Plan,
  Report,
  division,
  reports,
)
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks import manifest

KNOWN: Mapping[str, Any] = {
  'name': 'g',
  'features': {'inputs': {'dtype': 'int32'}, 'targets': {'dtype': 'int32'}},
  'vocabulary': manifests.VOCABULARY,
  'decoder_only': False,
}


def pieces_of(sizes: Iterable[int]) -> list[Piece]:
  """Whole files of these sizes."""
  return [Piece(f'f{i}', 'jsonl', 0, n, n) for i, n in enumerate(sizes)]


def group_of(parts: Sequence[Part], validation_shards: int = 2) -> Group:
  """A group of two data sets."""
  shards = sum(part.num_shards for part in parts)
  return Group(('g:a', 'g:b'), len(parts), shards, validation_shards)


def plan_of(parts: Sequence[Part], **changes: Any) -> Plan:
  """A plan with a work item for each part of a group."""
  made = Plan(
    kind='ul2',
    config={'seed': 0, 'name': 'g'},
    items=division.items_of(parts, 0),
    groups={'g': group_of(parts)},
    estimate={'documents': 3, 'tokens': 5, 'bytes': 7},
    manifest=KNOWN,
  )
  return dataclasses.replace(made, **changes)


def plan_of_sizes(sizes: Sequence[int], **changes: Any) -> Plan:
  """A plan with a work item for each file, one shard each."""
  return plan_of(division.divide('g', pieces_of(sizes), 1, 0), **changes)


def write_shards(report: Report, output: Path) -> None:
  """Writes files of the sizes that a report gives."""
  for shard in report.shards:
    path = output / shard.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(shard.bytes))


def report_of(plan: Plan, item: int, examples: int = 1) -> Report:
  """What an item leaves whose shards hold so many examples each.

  No shard is written: who needs them calls `write_shards`.
  """
  counts = Counts()
  shards = []
  for part in plan.items[item].parts:
    group = plan.groups[part.group]
    for data_set in group.data_sets:
      for i in range(part.first_shard, part.first_shard + part.num_shards):
        path = manifest.shard_path(data_set, 'train', i, group.shards)
        shard = ItemShard(data_set, 'train', i, path, examples, 9, '0badcafe')
        shards.append(shard)
      amount = part.num_shards * examples
      counts.add(f'{data_set}/data/train/all/examples', amount)
  return Report(item, plan.fingerprint, tuple(shards), counts)


GROUPS = {'g': Group(('g:a', 'g:b'), 3, 3, 0)}
PLAN = plan_of_sizes([1, 1, 1], groups=GROUPS)


def begun(output: Path, plan: Plan = PLAN) -> str:
  """A run of which all shards are written, and all reports."""
  resume.begin(str(output), plan)
  for item in plan.items:
    report = report_of(plan, item.index)
    report.counts.add('tokens/used', 1)
    report.counts.add('tokens/read', 1)
    for data_set in plan.data_sets[:1]:
      report.counts.add(f'{data_set}/data/train/all/source_tokens', 1)
    write_shards(report, output)
    reports.write(report, str(output))
  return str(output)


def finished(output: Path, plan: Plan = PLAN) -> str:
  """The same run at its end."""
  finish.finish(begun(output, plan), plan, Budget())
  return str(output)


def everything(folder: Path) -> dict[str, bytes | None]:
  """All that lies below a folder: the bytes of files, and None for folders.

  Links to folders are not followed.
  """
  return {
    str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
    for path in sorted(folder.rglob('*'))
  }
