"""Checks an output against its manifest; seqio itself would notice nothing.

    python -m ul2_flan.pipelines.verify OUT

Finds shards that are missing, cut short, changed in any bit, or left over from
another run; seqio files that do not say what the manifest says; and counts that
do not add up. Prints a line for each problem, and exits with 1 if there is any.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
import json
from typing import Any

import google_crc32c
import tqdm

from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.launch.kind import kind_of, refuse_unknown
from ul2_flan.pipelines.run import Counts, paths
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.storage import files, folders, manifest_of
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.arguments import command_parser
from ul2_flan.tasks.manifest import Manifest, Shard

# Eight threads that each hold so many bytes of a shard take 64 MB in all.
_READ_BYTES = 8 << 20
_PARALLEL_FILES = 8


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Prints the problems of an output; returns 1 if there are any."""
  prog = prog or 'python -m ul2_flan.pipelines.verify'
  parser = command_parser(prog, __doc__)
  parser.add_argument('output', metavar='OUT', help='the --output of a run')
  parser.add_argument(
    '--quick', action='store_true', help='compare sizes, and read no shard'
  )
  values, _ = parsing.parse(parser, argv)
  output, quick = values['output'], values['quick']
  manifest = manifest_of(output)
  problems = list(verify(manifest, output, quick))
  for problem in problems:
    print(problem)
  shards = _shards(manifest)
  total = size(sum(s.bytes for s in shards))
  how = 'sizes compared' if quick else 'every byte read'
  if problems:
    count = '1 problem' if len(problems) == 1 else f'{len(problems)} problems'
    print(f'\n{count} in {len(shards)} shards ({how}).')
    return 1
  print(f'{output} is as it was made: {len(shards)} shards, {total}, {how}')
  return 0


def verify(manifest: Manifest, output: str, quick: bool) -> Iterator[str]:
  """Yields the problems of an output, a line each.

  Args:
    manifest: the output's.
    output: the output folder.
    quick: compare sizes, and read no shard.

  Raises:
    UserError: another version of ul2-flan made the output.
  """
  sizes = {
    path: size
    for name in manifest.data_sets
    for path, size in folders.inside(
      files.join(output, manifest_lib.folder_of(name))
    )
  }
  yield from _seqio_files(manifest, output, sizes)
  yield from _accounts(manifest, output)
  expected = _expected_paths(manifest, output)
  for path in sorted(set(sizes) - expected):
    yield f'stale: {path} belongs to no data set of the manifest'
  shards = _shards(manifest)
  with futures.ThreadPoolExecutor(_PARALLEL_FILES) as pool:
    results = pool.map(lambda s: _check_shard(s, output, sizes, quick), shards)
    yield from filter(
      None, tqdm.tqdm(results, total=len(shards), unit='shard', disable=None)
    )


def _shards(manifest: Manifest) -> list[Shard]:
  return [
    shard
    for splits in manifest.data_sets.values()
    for split in splits.values()
    for shard in split.shards
  ]


def _expected_paths(manifest: Manifest, output: str) -> set[str]:
  names = [shard.path for shard in _shards(manifest)]
  for data_set in manifest.data_sets:
    names += _seqio(manifest, data_set)
  expected = {files.join(output, name) for name in names}
  for data_set in manifest.data_sets:
    expected.add(paths.completed_path(output, data_set))
  return expected


def _check_shard(
  shard: Shard, output: str, sizes: dict[str, int], quick: bool
) -> str:
  """Says what is wrong with a shard; nothing if it is as it was made."""
  path = files.join(output, shard.path)
  if path not in sizes:
    return f'missing: {path}'
  if sizes[path] != shard.bytes:
    kind = 'truncated' if sizes[path] < shard.bytes else 'too long'
    return f'{kind}: {path} has {sizes[path]} bytes, not {shard.bytes}'
  if quick:
    return ''
  crc = 0  # the checksum of no bytes
  with files.open_read(path) as file:
    while data := file.read(_READ_BYTES):
      crc = google_crc32c.extend(crc, data)
  if f'{crc:08x}' == shard.crc32c:
    return ''
  try:
    with files.open_read(path) as file:
      count = sum(1 for _ in records.read_records(file, path))
  except records.CorruptRecordError as e:
    return f'corrupt: {e}'
  # Every record is whole, and still they are not the ones that were written.
  return f'stale: {path} has {count} whole records of another run'


def _seqio(manifest: Manifest, data_set: str) -> dict[str, Mapping[str, Any]]:
  return manifest_lib.seqio_files(
    data_set,
    manifest.data_sets[data_set],
    manifest.features,
    manifest.vocabulary,
  )


def _seqio_files(
  manifest: Manifest, output: str, sizes: dict[str, int]
) -> Iterator[str]:
  """Finds files of seqio's that are missing or contradict the manifest."""
  for data_set in manifest.data_sets:
    completed = paths.completed_path(output, data_set)
    if completed not in sizes:
      yield f'missing: {completed}, without which seqio sees no data set'
    for name, content in _seqio(manifest, data_set).items():
      path = files.join(output, name)
      if path not in sizes:
        yield f'missing: {path}'
        continue
      try:
        same = json.loads(files.read_bytes(path)) == content
      except ValueError:
        same = False
      if not same:
        yield f'stale: {path} does not say what the manifest says'


def _accounts(manifest: Manifest, output: str) -> Iterator[str]:
  """Finds counts that do not add up."""
  for name, splits in manifest.data_sets.items():
    for split, info in splits.items():
      count = sum(shard.records for shard in info.shards)
      if count != info.examples:
        yield f'counts: {name} {split} has {count} records of {info.examples}'
  refuse_unknown(manifest.run['job'], paths.manifest_path(output))
  accounts = kind_of(manifest.run['job']).accounts
  try:
    accounts.check(Counts(manifest.run['counts']))
  except AssertionError as e:
    yield f'counts: {e}'


if __name__ == '__main__':
  command.run_main(main)
