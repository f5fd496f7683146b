"""Objects of `gs://` and `s3://`, through the clients of their makers.

Beam's file systems open both, and are not used for them: at 2.77 its S3 cannot
write an empty object, completes an upload that an error has cut short, makes a
client for each call (180 ms of CPU time), and tries up to eighty times in ten
minutes. Its options and its way to credentials are kept.
"""

from __future__ import annotations

import os
from pathlib import Path
import threading
from typing import Any

from ul2_flan.tasks.buckets.bucket import Bucket
from ul2_flan.tasks.buckets.client import Client
from ul2_flan.tasks.errors import UserError

_EXTRAS = {'gs': 'gcp', 's3': 'aws'}

_lock = threading.Lock()
# By scheme: Beam's options, what of them matters, and what was made of it.
_known: dict[str, tuple[Any, Any, Bucket]] = {}

# A fork has the connections of its parent, over which each would hear answers
# to the other's questions.
os.register_at_fork(after_in_child=_known.clear)


def is_bucket(path: str) -> bool:
  """Whether a path is one of ours; all others are Beam's, or local.

  >>> is_bucket('gs://b/x'), is_bucket('/tmp/x'), is_bucket('hdfs://x')
  (True, False, False)
  """
  return path.partition('://')[0] in _EXTRAS and '://' in path


def bucket_of(path: str) -> Bucket:
  """What reads and writes a path for which `is_bucket` holds.

  One for each scheme and process, with the options that Beam was given last.

  Raises:
    UserError: what it needs is not installed.
  """
  scheme = path.partition('://')[0]
  options = _beam_options()
  with _lock:
    known = _known.get(scheme)
    if known is None or known[0] is not options:
      try:
        maker = _maker(scheme)
      except ImportError as e:
        raise UserError(
          f"cannot open '{path}': {e}. Install ul2-flan[{_EXTRAS[scheme]}]"
        ) from e
      # Each pipeline has options of its own, and a client takes 0.2 s to make.
      settings = maker.settings(options)
      if known is not None and known[1] == settings:
        bucket = known[2]
      else:
        bucket = Bucket(maker(settings))
      known = _known[scheme] = options, settings, bucket
    return known[2]


def read_anywhere(path: str) -> bytes:
  """All bytes of a file, wherever it is that Beam could open it."""
  if '://' not in path:
    return Path(path).read_bytes()
  if is_bucket(path):
    return bucket_of(path).read_bytes(path)
  # Takes seconds to import.
  from apache_beam.io.filesystems import FileSystems

  with FileSystems.open(path) as f:
    return bytes(f.read())


def _maker(scheme: str) -> type[Client]:
  # Here, since the packages are there for those who have such buckets, and
  # take a second to import.
  if scheme == 'gs':
    from ul2_flan.tasks.buckets.gs import GsClient

    return GsClient
  from ul2_flan.tasks.buckets.s3 import S3Client

  return S3Client


def _beam_options() -> Any:
  """What Beam's own file systems would be given; None for no options."""
  from apache_beam.io.filesystems import FileSystems
  from apache_beam.options.value_provider import RuntimeValueProvider

  # As FileSystems.get_filesystem does: set by a pipeline, or by a worker.
  return FileSystems._pipeline_options or RuntimeValueProvider.runtime_options
