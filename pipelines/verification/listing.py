"""Lists the files of an output, and finds those that belong to nothing."""

from collections.abc import Collection, Iterator, Mapping

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Manifest, Shard


def sizes_of(output: str) -> dict[str, int]:
  """Lists all files below an output: their paths, and their sizes in bytes."""
  return dict(folders.below(output))


def shards_of(manifest: Manifest) -> list[Shard]:
  """Lists the shards of all data sets."""
  return [
    shard
    for splits in manifest.data_sets.values()
    for split in splits.values()
    for shard in split.shards
  ]


def leftovers(
  manifest: Manifest, output: str, sizes: Collection[str]
) -> Iterator[str]:
  """Finds what no data set of the manifest accounts for.

  Beside the data sets' folders, other files are somebody else's, and right.
  Only what seqio would take for a data set is named there too, unless it lies
  below the output of another run.

  Args:
    manifest: the output's.
    output: the output folder.
    sizes: the paths of all files below it.
  """
  progress = paths.progress_folder(output)
  # The folders of data sets, and those above: 'ul2r:r_3_15' lies in ul2r.
  tops = {name.split(':')[0] for name in manifest.data_sets}
  ours = tuple(f'{files.join(output, top)}/' for top in tops)
  rejects = paths.quarantine_folder(output)
  others = tuple(
    path.removesuffix(manifest_lib.FILE_NAME)
    for path in sizes
    if path.endswith(f'/{manifest_lib.FILE_NAME}')
    and path != paths.manifest_path(output)
  )
  for path in sorted(set(sizes) - _expected(manifest, output)):
    folder, _, name = path.rpartition('/')
    if path.startswith(f'{progress}/') or folder == rejects:
      continue
    if path.startswith(ours):
      yield f'stale: {path} belongs to no data set of the manifest'
    elif name == 'COMPLETED' and not path.startswith(others):
      yield (
        f'stale: {folder} is complete for seqio, and the manifest has no such '
        'data set'
      )
  unfinished = any(path.startswith(f'{progress}/') for path in sizes)
  if unfinished or files.exists(progress):
    yield (
      f'leftover: {progress}: a run has not ended, or was stopped as it ended; '
      'the same command again ends it'
    )


def _expected(manifest: Manifest, output: str) -> set[str]:
  """Returns the paths of all that the data sets consist of."""
  names = [shard.path for shard in shards_of(manifest)]
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
