"""Objects of `gs://`, `s3://` and `hf://` as files.

    bucket         what callers use: sizes, patterns, reading, writing, deleting
    object_files   one object that is being written, or read
    retries        how often a call is tried, and which errors it ends in
    client         the single calls that a kind of bucket offers
    gs, s3, hf     these calls, with google-cloud-storage, boto3 and requests

Beam's file systems open the first two schemes too, but Beam 2.77 cannot write
an empty object to S3, completes an upload that an error has cut short, makes a
client for each call (180 ms of CPU time), and tries up to eighty times in ten
minutes. We take Beam's options and credentials, so the same flags work.
"""

import os
from pathlib import Path
import threading
from typing import Any

from ul2_flan.tasks.buckets.bucket import Bucket
from ul2_flan.tasks.buckets.client import Client
from ul2_flan.tasks.errors import UserError

# By scheme: the extra of this package that installs its client.
_EXTRAS = {'gs': 'gcp', 's3': 'aws'}

# The hub's client needs nothing that the package has not.
_SCHEMES = (*_EXTRAS, 'hf')

_lock = threading.Lock()
# By scheme: Beam's options, the client's settings in them, and the bucket that
# was made with these.
_known: dict[str, tuple[Any, Any, Bucket]] = {}

# A forked process shares its parent's connections, and each would read answers
# to the other's requests.
os.register_at_fork(after_in_child=_known.clear)


def is_bucket(path: str) -> bool:
  """Whether a path is on `gs://`, `s3://` or `hf://`.

  Beam or the disk has all others.

  >>> is_bucket('gs://b/x'), is_bucket('/tmp/x'), is_bucket('hdfs://x')
  (True, False, False)
  """
  return path.partition('://')[0] in _SCHEMES and '://' in path


def bucket_of(path: str) -> Bucket:
  """Returns the bucket that reads and writes a path.

  A process has one for each scheme. It is made anew when Beam gets options with
  other settings.

  Args:
    path: one for which `is_bucket` holds.

  Raises:
    UserError: the client's package is not installed.
  """
  scheme = path.partition('://')[0]
  if scheme == 'hf':
    return _hub()
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
      # Each pipeline has options of its own, mostly with the same settings, and
      # a client takes 0.2 s to make.
      settings = maker.settings(options)
      if known is not None and known[1] == settings:
        bucket = known[2]
      else:
        bucket = Bucket(maker(settings))
      known = _known[scheme] = options, settings, bucket
    return known[2]


def _hub() -> Bucket:
  """Returns the hub; made anew when the environment names another."""
  from ul2_flan.tasks.buckets.hf import HfBucket, HfClient

  settings = HfClient.settings()
  with _lock:
    known = _known.get('hf')
    if known is None or known[1] != settings:
      known = _known['hf'] = None, settings, HfBucket(HfClient(settings))
    return known[2]


def refuse_other_schemes(flag: str, path: str) -> None:
  """Refuses a path that is neither of this machine nor in a bucket.

  Raises:
    UserError: it is such a path.
  """
  if '://' in path and not is_bucket(path):
    raise UserError(
      f"{flag} '{path}' is neither a folder of this machine nor on gs://, "
      's3:// or hf://: name one of these'
    )


def read_text(flag: str, path: str) -> str:
  """Reads a user's text file, wherever `read_anywhere` can.

  Args:
    flag: that names the file, for messages.
    path: of the file.

  Raises:
    UserError: it cannot be read, or is not UTF-8.
  """
  try:
    return read_anywhere(path).decode()
  except UnicodeDecodeError as e:
    raise UserError(f"{flag} '{path}': {e}. Save the file as UTF-8") from e
  except OSError as e:
    raise UserError(f"{flag} '{path}': {e}") from e


def read_anywhere(path: str) -> bytes:
  """Reads a whole file: on the disk, in a bucket, or wherever Beam can."""
  if '://' not in path:
    return Path(path).read_bytes()
  if is_bucket(path):
    return bucket_of(path).read_bytes(path)
  # Here, because it takes seconds to import.
  from apache_beam.io.filesystems import FileSystems

  with FileSystems.open(path) as f:
    return bytes(f.read())


def _maker(scheme: str) -> type[Client]:
  # Here, because only users of such buckets need the packages, which take a
  # second to import.
  if scheme == 'gs':
    from ul2_flan.tasks.buckets.gs import GsClient

    return GsClient
  from ul2_flan.tasks.buckets.s3 import S3Client

  return S3Client


def _beam_options() -> Any:
  """Returns the options that Beam's own file systems would get, or None."""
  from apache_beam.io.filesystems import FileSystems
  from apache_beam.options.value_provider import RuntimeValueProvider

  # As in Beam's FileSystems.get_filesystem: a pipeline sets the first, a worker
  # the second.
  return FileSystems._pipeline_options or RuntimeValueProvider.runtime_options
