"""The end of a run: from the reports of all work items to a readable output.

Runs once, on one worker, after every item is done. It may run again after a
failure at any point: `COMPLETED`, which seqio looks for, comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import importlib.metadata

from ul2_flan.pipelines import files, reports
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.jobs import ACCOUNTS
from ul2_flan.pipelines.parallel import each
from ul2_flan.pipelines.reports import Counts, ItemShard, under
from ul2_flan.pipelines.work import PROGRESS_FOLDER, Plan, plan_path
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Feature, Manifest, Shard, Split

# The shards of each data set and split, or the parts of them.
_Shards = dict[tuple[str, str], list[ItemShard]]


def finish(output: str, plan: Plan, budget: Budget) -> str:
  """Writes the manifest and seqio's files.

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
  counts, written = _reported(output, plan)
  ACCOUNTS[plan.job].check_accounts(counts)
  left_out = ACCOUNTS[plan.job].left_out(plan, counts, budget, output)
  manifest = _manifest(output, plan, written, counts, left_out)
  path = files.join(output, manifest_lib.FILE_NAME)
  scratch = files.join(output, PROGRESS_FOLDER)

  def describe(data_set: str) -> None:
    own = manifest_lib.seqio_files(manifest, data_set)
    for name, content in own.items():
      data = files.to_json(content)
      files.write_bytes(files.join(output, name), data, scratch)

  def complete(data_set: str) -> None:
    files.write_bytes(completed_path(output, data_set), b'', scratch)

  for _ in each(describe, manifest.data_sets, output):
    pass
  files.write_bytes(path, files.to_json(manifest.to_dict()), scratch)
  for _ in each(complete, manifest.data_sets, output):
    pass
  for group in left_out:
    for data_set in plan.groups[group].data_sets:
      folder = manifest_lib.folder_of(data_set)
      files.delete_below(files.join(output, folder))
  # The plan first: the run is finished, for `made_already`, when it is gone.
  files.delete([plan_path(output)])
  files.delete_below(scratch)
  return path


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


def _reported(output: str, plan: Plan) -> tuple[Counts, _Shards]:
  """What all work items counted and wrote; one report is held at a time."""
  counts = Counts()
  written: _Shards = {}
  missing = 0
  for report in each(
    lambda item: reports.read(output, item.index), plan.items, output
  ):
    if report is None or report.plan != plan.fingerprint:
      missing += 1
      continue
    counts.merge(report.counts)
    for shard in report.shards:
      written.setdefault((shard.data_set, shard.split), []).append(shard)
  if missing:
    raise RuntimeError(f'{missing} work items have no report')
  return counts, written


def _manifest(
  output: str,
  plan: Plan,
  written: _Shards,
  counts: Counts,
  left_out: Mapping[str, str],
) -> Manifest:
  stats = _stats(counts)
  data_sets: dict[str, dict[str, Split]] = {}
  for name, group in plan.groups.items():
    for data_set in () if name in left_out else group.data_sets:
      splits = data_sets[data_set] = {}
      for split in ('train', 'validation')[: 1 + bool(group.validation_shards)]:
        own = sorted(written[data_set, split], key=lambda s: s.index)
        found = stats.get((data_set, split), {'examples': 0})
        if found['examples'] != sum(s.records for s in own):
          raise AssertionError(f'{data_set} {split}: records and counts differ')
        shards = (
          _join_parts(output, plan, name, own)
          if split == 'validation' and group.joins
          else [_as_shard(s) for s in own]
        )
        splits[split] = Split(tuple(shards), found)
  known = dict(plan.manifest)
  features = {k: Feature(**v) for k, v in known.pop('features').items()}
  mixtures = ACCOUNTS[plan.job].mixtures(plan, data_sets)
  return Manifest(
    features=features,
    data_sets=data_sets,
    run={
      'job': plan.job,
      'config': plan.config,
      'plan': plan.fingerprint,
      'sources': plan.sources(),
      'counts': counts.sums,
      'maxima': counts.maxima,
      'left_out': dict(left_out),
      'versions': {
        name: importlib.metadata.version(name)
        for name in ('ul2-flan', 'numpy', 'sentencepiece')
      },
      **known.pop('run', {}),
    },
    **{**known, 'mixtures': mixtures},
  )


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
