"""Compares the small files beside the shards with what the manifest says."""

from collections.abc import Iterator, Mapping
from typing import Any

import google_crc32c

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import each, files
from ul2_flan.pipelines.verification import listing
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Manifest


def problems(
  manifest: Manifest, output: str, sizes: Mapping[str, int]
) -> Iterator[str]:
  """Finds files of seqio's, and a summary, that are not as they were written.

  Args:
    manifest: the output's.
    output: the output folder.
    sizes: of its files, by path; see `Listing`.
  """
  for data_set in manifest.data_sets:
    path = paths.completed_path(output, data_set)
    if path not in sizes:
      yield f'missing: {path}, without which seqio sees no data set'
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
  known = manifest.run.get('summary')
  yield from filter(None, [summary_problem(output, known, sizes)])


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
  output: str, known: Mapping[str, Any] | None, sizes: Mapping[str, int]
) -> str:
  """Says what is wrong with the summary; nothing if it is as it was written.

  Args:
    output: the output folder.
    known: the summary's size and checksum; None in a manifest of the version
      before, which has neither.
    sizes: the files of the output.
  """
  path = paths.summary_path(output)
  if known is None:
    return '' if path in sizes else f'missing: {path}'
  found = listing.missing_or_unequal(path, known['bytes'], sizes)
  if found:
    return found
  try:
    crc = google_crc32c.value(files.read_bytes(path))
  except OSError as e:
    return f'unreadable: {path}: {files.why(e)}'
  if f'{crc:08x}' == known['crc32c']:
    return ''
  return f'changed: {path} is not the summary that the run wrote'
