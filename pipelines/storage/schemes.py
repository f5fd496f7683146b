"""Tells by a path's scheme which file system has it, and joins paths.

A path goes one of three ways: `gs://`, `s3://` and `hf://` to our own clients
(`tasks.buckets`), a path without a scheme to the operating system, any other
scheme to Beam.
"""

from collections.abc import Iterator, Mapping
import contextlib
import os
from typing import Any

from ul2_flan.tasks.errors import UserError

# One of Beam's `CompressionTypes`. Without it Beam compresses and decompresses
# by the ending of the name. We store checksums of the bytes on disk, and
# `sources` decompresses by itself.
AS_IT_IS = 'uncompressed'


def beam_files() -> Any:
  """Returns Beam's file systems: the class, whose methods are static.

  It is imported here, since most runs do without it, and it takes a second.
  """
  from apache_beam.io.filesystems import FileSystems

  return FileSystems


def set_options(options: Mapping[str, Any]) -> None:
  """Gives Beam's options to the file systems of buckets, ours too.

  Args:
    options: by name.
  """
  from apache_beam.options.pipeline_options import PipelineOptions

  beam_files().set_options(PipelineOptions.from_dictionary(dict(options)))


@contextlib.contextmanager
def known_scheme(path: str) -> Iterator[None]:
  """Turns Beam's error for an unknown scheme into what to install."""
  try:
    yield
  except ValueError as e:
    raise UserError(
      f"cannot open '{path}': Beam has no such file system here. For gs:// "
      'install ul2-flan[gcp], for s3:// ul2-flan[aws]'
    ) from e


def is_local(path: str) -> bool:
  """Whether a path lies in this machine's own file system.

  Local paths go around Beam: a Flan run makes ten thousand small files, and
  Beam's search for the file system of each path costs more than writing them.
  """
  return '://' not in path


def join(folder: str, *names: str) -> str:
  """Joins a folder and names to a path.

  >>> join('/data', 'c4', 'en.jsonl')
  '/data/c4/en.jsonl'
  """
  if is_local(folder):
    # Without the slashes at the end, as folders are listed.
    return os.path.join(folder.rstrip('/') or folder[:1], *names)
  if folder.startswith('hf://'):
    return '/'.join([folder.rstrip('/'), *names])
  with known_scheme(folder):
    return beam_files().join(folder, *names)
