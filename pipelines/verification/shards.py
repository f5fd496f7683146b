"""Compares shards with the sizes and checksums that the manifest has."""

from collections.abc import Iterator, Mapping
from concurrent import futures
import posixpath

import google_crc32c

from ul2_flan.pipelines.engines import progress
from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.verification import listing
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Manifest, Shard

# Eight threads that each hold so many bytes of a shard take 64 MB in all.
_READ_BYTES = 8 << 20
_PARALLEL_FILES = 8


def problems(
  manifest: Manifest, output: str, sizes: Mapping[str, int], quick: bool
) -> Iterator[str]:
  """Finds shards that are not as they were written.

  Args:
    manifest: the output's.
    output: the output folder.
    sizes: of its files, by path; see `Listing`.
    quick: compare sizes, and read no shard.
  """
  shards = listing.shards_of(manifest)
  with futures.ThreadPoolExecutor(_PARALLEL_FILES) as pool:
    results = pool.map(lambda s: problem(s, output, sizes, quick), shards)
    yield from filter(None, progress.counted(results, len(shards), 'shard'))


def problem(
  shard: Shard, output: str, sizes: Mapping[str, int], quick: bool
) -> str:
  """Says what is wrong with a shard; nothing if it is as it was made."""
  try:
    path = files.join(output, shard.path)
    found = listing.missing_or_unequal(path, shard.bytes, sizes)
  except (AttributeError, TypeError) as e:
    # A changed manifest may say anything. The other shards are compared.
    return f'changed: shard {shard.path!r} cannot be compared: {e!r}'
  if found or quick:
    return found
  try:
    return _difference(path, shard)
  except OSError as e:
    return f'unreadable: {path}: {files.why(e)}'


def _difference(path: str, shard: Shard) -> str:
  crc = 0  # the checksum of no bytes
  with files.open_read(path) as file:
    while data := file.read(_READ_BYTES):
      crc = google_crc32c.extend(crc, data)
  if f'{crc:08x}' == shard.crc32c:
    return ''
  if paths.OF_EXPORT.fullmatch(posixpath.basename(path)):
    return f'changed: {path} is not the shard that the run wrote'
  try:
    with files.open_read(path) as file:
      count = sum(1 for _ in records.read_records(file, path))
  except records.CorruptRecordError as e:
    return f'corrupt: {e}'
  # Every record is whole, and still they are not the ones that were written.
  return f'stale: {path} has {count} whole records of another run'
