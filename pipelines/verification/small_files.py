"""Compares the small files beside the shards with what the manifest says."""

from collections.abc import Iterator, Mapping
from typing import Any

import google_crc32c

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import each, files
from ul2_flan.pipelines.verification import listing
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import TFRECORD, Manifest


def problems(
  manifest: Manifest, output: str, sizes: Mapping[str, int]
) -> Iterator[str]:
  """Finds small files that are not as they were written.

  Args:
    manifest: the output's.
    output: the output folder.
    sizes: of its files, by path; see `Listing`.
  """
  if manifest.file_format == TFRECORD:
    yield from _seqio_problems(manifest, output, sizes)
  yield from filter(None, [summary_problem(output, manifest, sizes)])
  yield from cards_problems(output, manifest, sizes)
  yield from rejects_problems(output, manifest, sizes)


def _seqio_problems(
  manifest: Manifest, output: str, sizes: Mapping[str, int]
) -> Iterator[str]:
  """Compares seqio's files, which exports do not have."""
  for data_set in manifest.data_sets:
    path = paths.completed_path(output, data_set)
    if path not in sizes:
      yield (
        f'missing: {path}, without which seqio sees no data set. If nothing '
        'else is wrong, an empty file of this name is all it lacks'
      )
    elif sizes[path]:
      yield f'changed: {path} has {sizes[path]} bytes, and is written empty'
  contents = (
    (files.join(output, name), content)
    for data_set, splits in manifest.data_sets.items()
    for name, content in manifest_lib.seqio_files(
      data_set, splits, manifest.features, manifest.vocabulary
    ).items()
  )
  results = each(lambda c: seqio_problem(*c, sizes), contents, output)
  yield from filter(None, results)


def seqio_problem(
  path: str, content: Mapping[str, Any], sizes: Mapping[str, int]
) -> str:
  """Says what is wrong with a file of seqio's; nothing if all is right."""
  if path not in sizes:
    return f'missing: {path}'
  try:
    same = files.read_bytes(path) == files.to_json(content)
  except OSError as e:
    return f'unreadable: {path}: {files.why(e)}'
  return '' if same else f'stale: {path} does not say what the manifest says'


def summary_problem(
  output: str, manifest: Manifest, sizes: Mapping[str, int]
) -> str:
  """Says what is wrong with the summary; nothing if it is as it was written."""
  path = paths.summary_path(output)
  known = manifest.run.get('summary')
  if known is None:  # a manifest of format 1
    return '' if path in sizes else f'missing: {path}'
  return _difference(path, known, sizes)


def cards_problems(
  output: str, manifest: Manifest, sizes: Mapping[str, int]
) -> Iterator[str]:
  """Finds cards that are not as the run wrote them."""
  # A manifest of the version before has none.
  for name, known in manifest.cards.items():
    path = files.join(output, name)
    yield from filter(None, [_difference(path, known, sizes)])


def rejects_problems(
  output: str, manifest: Manifest, sizes: Mapping[str, int]
) -> Iterator[str]:
  """Finds files of rejected records that are not as they were written."""
  known = manifest.run.get('quarantine')
  if known is None:  # a manifest of the version before
    return
  expected = {files.join(output, name): file for name, file in known.items()}
  folder = paths.quarantine_folder(output)
  for path in sorted(sizes):
    if path.startswith(f'{folder}/') and path not in expected:
      yield f'stale: {path} was not written by this run'
  results = each(
    lambda item: _difference(*item, sizes), expected.items(), output
  )
  yield from filter(None, results)


def _difference(
  path: str, known: Mapping[str, Any], sizes: Mapping[str, int]
) -> str:
  """Says how a file differs from its size and checksum; nothing if it does not.

  Args:
    path: of the file.
    known: its 'bytes' and 'crc32c'.
    sizes: the files of the output.
  """
  found = listing.missing_or_unequal(path, known['bytes'], sizes)
  if found:
    return found
  try:
    crc = google_crc32c.value(files.read_bytes(path))
  except OSError as e:
    return f'unreadable: {path}: {files.why(e)}'
  if f'{crc:08x}' == known['crc32c']:
    return ''
  return f'changed: {path} is not as the run wrote it'
