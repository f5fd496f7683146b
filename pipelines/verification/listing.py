"""Lists the files of an output, and finds those that belong to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
import itertools
import os
import posixpath

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files, folders, local_files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import TFRECORD, Manifest, Shard

# How many files are listed behind a link that may lead anywhere.
_MOST_BEHIND = 10_000

# The file that makes a folder a data set for seqio.
_COMPLETED = posixpath.basename(paths.completed_path('', 'any'))


@dataclasses.dataclass(slots=True)
class Listing:
  """The files of an output.

  Somebody else's folders may lie in the output. They may be large, and links
  there may lead anywhere: only those among our files are followed to the end.

  Attributes:
    sizes: the paths of the run's files, and of all that lies among them, with
      their sizes in bytes.
    others: the paths of manifests, and of seqio's marks of whole data sets,
      that lie elsewhere in the output.
    unreadable: what could not be listed; a problem each.
    broken: links among our files that lead to nothing.
    notes: what was not looked at, and why.
  """

  sizes: dict[str, int] = dataclasses.field(default_factory=dict)
  others: list[str] = dataclasses.field(default_factory=list)
  unreadable: list[str] = dataclasses.field(default_factory=list)
  broken: list[str] = dataclasses.field(default_factory=list)
  notes: list[str] = dataclasses.field(default_factory=list)

  @classmethod
  def of(cls, manifest: Manifest, output: str) -> Listing:
    """Lists the files of an output, and goes on after an error."""
    listing = cls()

    def failed(error: OSError) -> None:
      path = error.filename or output
      problem = f'unreadable: {path}: {files.why(error)}'
      if problem not in listing.unreadable:
        listing.unreadable.append(problem)

    ours = [
      *_tops(manifest, output),
      paths.progress_folder(output),
      paths.quarantine_folder(output),
    ]
    everything = folders.below(output, links=False, failed=failed)
    if files.is_local(output):
      listing.sizes.update(folders.inside(output, failed))
      for folder in ours:
        listing.sizes.update(
          folders.below(folder, broken=listing.broken.append, failed=failed)
        )
    else:
      # Buckets have no links, and are listed as a whole at once.
      listing.sizes.update(everything)
    above = tuple(f'{folder}/' for folder in ours)
    listing._add_others(
      path
      for path, _ in everything
      if not path.startswith(above)
      and path not in (*ours, paths.manifest_path(output))
    )
    return listing

  def _add_others(self, beside: Iterable[str]) -> None:
    """Looks through what lies beside our files, and a little behind links."""
    for path in beside:
      behind: list[str] = []
      if folders.is_link(path):
        self.notes.append(
          f'note: {path} is a link, and what it leads to was not checked'
        )
        behind = _behind(path)
      self.others += [
        found
        for found in (path, *behind)
        if found.endswith((f'/{_COMPLETED}', f'/{manifest_lib.FILE_NAME}'))
      ]


def _behind(link: str) -> list[str]:
  """Lists what lies behind a link, which seqio follows; not all of a disk."""
  if not os.path.isdir(link):
    return []
  found = local_files.walk(link, failed=lambda error: None)
  return [path for path, _ in itertools.islice(found, _MOST_BEHIND)]


def _tops(manifest: Manifest, output: str) -> list[str]:
  """Returns the uppermost folders of data sets: 'ul2r:r_3_15' lies in ul2r."""
  tops = {name.split(':')[0] for name in manifest.data_sets}
  # A changed manifest may have names that lead out of the output.
  return [
    files.join(output, top)
    for top in sorted(tops)
    if '/' not in top and top not in ('', '.', '..')
  ]


def shards_of(manifest: Manifest) -> list[Shard]:
  """Lists the shards of all data sets."""
  return [
    shard
    for splits in manifest.data_sets.values()
    for split in splits.values()
    for shard in split.shards
  ]


def leftovers(
  manifest: Manifest, output: str, listing: Listing
) -> Iterator[str]:
  """Finds what no data set of the manifest accounts for.

  Beside the data sets' folders, other files are somebody else's, and right.
  Only what seqio would take for a data set is named there too, unless it lies
  below the output of another run.

  Args:
    manifest: the output's.
    output: the output folder.
    listing: its files.
  """
  ours = tuple(f'{top}/' for top in _tops(manifest, output))
  there = {*listing.sizes, *listing.broken}
  for path in sorted(there - _expected(manifest, output)):
    if path.startswith(ours):
      yield f'stale: {path} belongs to no data set of the manifest'
  runs = tuple(
    path.removesuffix(manifest_lib.FILE_NAME)
    for path in listing.others
    if path.endswith(f'/{manifest_lib.FILE_NAME}')
  )
  for path in listing.others:
    folder, name = posixpath.split(path)
    if name == _COMPLETED and not path.startswith(runs):
      yield (
        f'stale: {folder} is complete for seqio, and the manifest has no such '
        'data set'
      )
  progress = paths.progress_folder(output)
  unfinished = any(path.startswith(f'{progress}/') for path in listing.sizes)
  if unfinished or files.exists(progress):
    yield (
      f'leftover: {progress}: a run has not ended, or was stopped as it ended; '
      'the same command again ends it'
    )


def _expected(manifest: Manifest, output: str) -> set[str]:
  """Returns the paths of all that the data sets consist of."""
  names = [shard.path for shard in shards_of(manifest)]
  if manifest.file_format != TFRECORD:
    return {files.join(output, name) for name in names}
  for data_set, splits in manifest.data_sets.items():
    names += manifest_lib.seqio_files(
      data_set, splits, manifest.features, manifest.vocabulary
    )
  expected = {files.join(output, name) for name in names}
  for data_set in manifest.data_sets:
    expected.add(paths.completed_path(output, data_set))
  return expected


def missing_or_unequal(path: str, size: int, sizes: Mapping[str, int]) -> str:
  """Says that a file is not there, or has not its size; else nothing."""
  if path not in sizes:
    return f'missing: {path}'
  if sizes[path] != size:
    kind = 'truncated' if sizes[path] < size else 'too long'
    return f'{kind}: {path} has {sizes[path]} bytes, not {size}'
  return ''
