"""The end of a run: from the reports of all work items to a readable output.

Runs once, on one worker, after every item is done. It may run again after a
failure at any point: `COMPLETED`, which seqio looks for, comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
import importlib.metadata
from typing import TypeVar

from ul2_flan.pipelines import files, reports
from ul2_flan.pipelines.reports import Counts, ItemShard, Report
from ul2_flan.pipelines.work import PROGRESS_FOLDER, Plan
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest, Shard, Split

_T = TypeVar('_T')
_R = TypeVar('_R')

# Files are small and far away: what takes time is waiting.
_PARALLEL_FILES = 32


def finish(output: str, plan: Plan, max_reject_fraction: float) -> str:
  """Writes the manifest and seqio's files.

  Args:
    output: the output folder.
    plan: all of whose items are done.
    max_reject_fraction: of the records read, how many may be rejected.

  Returns:
    the manifest's path.

  Raises:
    UserError: more records were rejected than the run allows, or there is no
      example. The reports stay: with a larger budget, and else the same
      configuration, nothing is done again.
  """
  done = _in_parallel(lambda item: reports.read(output, item.index), plan.items)
  complete = [r for r in done if r is not None and r.plan == plan.fingerprint]
  if len(complete) < len(plan.items):
    raise RuntimeError(
      f'{len(plan.items) - len(complete)} work items have no report'
    )
  counts = reports.total(complete)
  check_accounting(counts)
  _check_budget(counts, max_reject_fraction, output)
  if not counts['tokens/used']:
    dropped = counts.below('documents/dropped')
    raise UserError(
      f'no example was made of {counts["documents/read"]} documents; dropped: '
      + (', '.join(f'{n} {reason}' for reason, n in dropped.items()) or 'none')
    )
  manifest = _manifest(output, plan, complete, counts)
  path = files.join(output, manifest_lib.FILE_NAME)
  scratch = files.join(output, PROGRESS_FOLDER)
  small = {}
  for data_set in plan.data_sets:
    small.update(manifest_lib.seqio_files(manifest, data_set))
  _in_parallel(
    lambda name: files.write_bytes(
      files.join(output, name), files.to_json(small[name]), scratch
    ),
    list(small),
  )
  files.write_bytes(path, files.to_json(manifest.to_dict()), scratch)
  _in_parallel(
    lambda name: files.write_bytes(completed_path(output, name), b'', scratch),
    plan.data_sets,
  )
  files.delete_below(scratch)
  return path


def completed_path(output: str, data_set: str) -> str:
  """The file whose existence tells seqio that a data set is whole."""
  folder = manifest_lib.folder_of(data_set)
  return files.join(output, folder, 'COMPLETED')


def check_accounting(counts: Counts) -> None:
  """Every document and token is used, dropped or rejected: none is lost."""
  documents = (
    counts['documents/used']
    + sum(counts.below('documents/dropped').values())
    + sum(counts.below('documents/rejected').values())
  )
  tokens = counts['tokens/used'] + sum(counts.below('tokens/dropped').values())
  examples = sum(
    n for name, n in counts.sums.items() if name.endswith('/source_tokens')
  )
  found = (documents, tokens, examples)
  if found != tuple(
    counts[name] for name in ('documents/read', 'tokens/read', 'tokens/used')
  ):
    raise AssertionError(
      f'the accounts do not add up: {documents} of {counts["documents/read"]} '
      f'documents, {tokens} of {counts["tokens/read"]} tokens, {examples} '
      f'tokens in examples of {counts["tokens/used"]} used'
    )


def _check_budget(
  counts: Counts, max_reject_fraction: float, output: str
) -> None:
  rejected = counts.below('documents/rejected')
  read = counts['documents/read']
  if sum(rejected.values()) <= max_reject_fraction * read:
    return
  reasons = ', '.join(f'{n} {reason}' for reason, n in rejected.items())
  raise UserError(
    f'{sum(rejected.values())} of {read} records were rejected ({reasons}), '
    f'more than --max_reject_fraction {max_reject_fraction} allows. They are '
    f'kept in {files.join(output, "quarantine")}. Mend the source, or run the '
    'same command with a larger fraction: nothing will be done twice.'
  )


def _manifest(
  output: str, plan: Plan, done: Sequence[Report], counts: Counts
) -> Manifest:
  written = [shard for report in done for shard in report.shards]
  data_sets = {}
  for name in plan.data_sets:
    splits = {}
    for split in ('train', 'validation')[: 1 + bool(plan.validation_shards)]:
      own = [s for s in written if (s.data_set, s.split) == (name, split)]
      shards = (
        _join_parts(output, plan, own)
        if split == 'validation'
        else [_as_shard(s) for s in sorted(own, key=lambda s: s.index)]
      )
      stats = _stats(counts, name, split)
      if stats['examples'] != sum(s.records for s in shards):
        raise AssertionError(f'{name} {split}: records and counts differ')
      splits[split] = Split(tuple(shards), stats)
    data_sets[name] = splits
  known = dict(plan.manifest)
  features = {k: Feature(**v) for k, v in known.pop('features').items()}
  return Manifest(
    features=features,
    data_sets=data_sets,
    run={
      'job': plan.job,
      'config': plan.config,
      'plan': plan.fingerprint,
      'sources': plan.sources(),
      'counts': dict(sorted(counts.sums.items())),
      'maxima': dict(sorted(counts.maxima.items())),
      'versions': {
        name: importlib.metadata.version(name)
        for name in ('ul2-flan', 'numpy', 'sentencepiece')
      },
    },
    **known,
  )


def _as_shard(shard: ItemShard) -> Shard:
  return Shard(shard.path, shard.records, shard.bytes, shard.crc32c)


def _stats(counts: Counts, data_set: str, split: str) -> dict[str, int]:
  """seqio's statistics of a split, over the denoisers or templates in it."""
  head = f'data/{data_set}/{split}/'
  stats = {'examples': 0}
  for numbers, combine in ((counts.sums, sum), (counts.maxima, max)):
    for name, value in sorted(numbers.items()):
      if name.startswith(head):
        key = name.rsplit('/', 1)[-1]
        stats[key] = combine((stats.get(key, 0), value))
  return stats


def _join_parts(
  output: str, plan: Plan, parts: Sequence[ItemShard]
) -> list[Shard]:
  """Joins the items' parts of a validation split, in order, into its shards."""
  by_item = sorted(parts, key=lambda s: s.path)
  groups: list[list[ItemShard]] = [[] for _ in range(plan.validation_shards)]
  for item, part in zip(plan.items, by_item, strict=True):
    groups[plan.validation_shard(item)].append(part)

  def join(index: int) -> Shard:
    group = groups[index]
    name = manifest_lib.shard_path(
      parts[0].data_set, 'validation', index, len(groups)
    )
    scratch = files.join(output, PROGRESS_FOLDER)
    with files.whole_file(files.join(output, name), scratch) as file:
      for part in group:
        # TFRecord files have no header: joined files are a file.
        data = files.read_bytes(files.join(output, part.path))
        if len(data) != part.bytes:
          raise OSError(f'{part.path}: {len(data)} bytes, not {part.bytes}')
        file.write(data)
      return Shard(name, sum(p.records for p in group), file.size, file.crc32c)

  return _in_parallel(join, range(len(groups)))


def _in_parallel(
  function: Callable[[_T], _R], values: Iterable[_T]
) -> list[_R]:
  with futures.ThreadPoolExecutor(_PARALLEL_FILES) as pool:
    return list(pool.map(function, values))
