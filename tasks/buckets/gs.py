"""Google Cloud Storage, through google-cloud-storage."""

from __future__ import annotations

import contextlib
import http.client
import os
from typing import Any

from google.api_core import exceptions as api_errors
import google.auth
from google.auth import exceptions as auth_errors
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY
import requests
from requests import adapters
import urllib3

from ul2_flan.tasks.buckets import client, retries
from ul2_flan.tasks.buckets.client import Fault
from ul2_flan.tasks.messages import complain

# Linux has the name of the machine's product there.
_PRODUCT = '/sys/class/dmi/id/product_name'

_TYPE = 'application/octet-stream'
# Connections that broke, in the words of each library on the way.
_BROKEN = (
  ConnectionError,
  TimeoutError,
  DataCorruption,
  auth_errors.TransportError,
  http.client.HTTPException,
  requests.RequestException,
  urllib3.exceptions.HTTPError,
)


class GsClient:
  """A `client.Client` for `gs://`; safe to share between threads."""

  @staticmethod
  def settings(options: Any) -> Any:
    """Beam's options for Google's services."""
    from apache_beam.options.pipeline_options import GoogleCloudOptions

    return client.view(options, GoogleCloudOptions)

  def __init__(self, settings: Any):
    """Makes the client; calls nothing yet."""
    # Beam's way to credentials, impersonation and audit headers.
    from apache_beam.io.gcp import gcsio

    self._client = gcsio.create_storage_client(
      settings, use_credentials=has_credentials()
    )
    # By default, requests keeps ten connections and warns of each further one.
    adapter = adapters.HTTPAdapter(pool_maxsize=client.CONNECTIONS)
    self._client._http.mount('https://', adapter)
    self._client._http.mount('http://', adapter)

  def _blob(self, path: str) -> Any:
    bucket, name = client.split(path)
    return self._client.bucket(bucket).blob(name)

  def fault(self, error: Exception) -> Fault | None:
    if isinstance(error, api_errors.RetryError):
      # The library has retried it already, see `GsUpload`.
      return Fault(0, is_transient=False)
    status = 0
    if isinstance(error, api_errors.GoogleAPICallError):
      status = int(error.code or 0)
    elif isinstance(error, InvalidResponse):
      status = error.response.status_code
    elif isinstance(error, auth_errors.RefreshError):
      return Fault(401, error.retryable)
    elif not isinstance(error, _BROKEN):
      return None
    return Fault(status, not status or status in client.TRANSIENT)

  def size(self, path: str) -> int:
    blob = self._blob(path)
    blob.reload(retry=None, timeout=_timeout())
    return int(blob.size)

  def version(self, path: str) -> str:
    blob = self._blob(path)
    blob.reload(retry=None, timeout=_timeout())
    return str(blob.crc32c)

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    bucket, start = client.split(prefix)
    listing = self._client.list_blobs(
      bucket,
      prefix=start,
      page_token=token,
      page_size=client.PAGE,
      fields='items(name,size),nextPageToken',
      retry=None,
      timeout=_timeout(),
    )
    page = next(listing.pages, ())
    blobs = [(f'gs://{bucket}/{blob.name}', int(blob.size)) for blob in page]
    return blobs, listing.next_page_token

  def read(self, path: str, start: int, end: int) -> bytes:
    data: bytes = self._blob(path).download_as_bytes(
      start=start,
      end=end - 1,
      raw_download=True,  # gzip's bytes as they are, not decompressed
      checksum=None,  # the service only has those of whole objects
      retry=None,
      timeout=_timeout(),
    )
    return data

  def put(self, path: str, data: bytes) -> None:
    self._put(path, data)

  def put_first(self, path: str, data: bytes) -> bool:
    try:
      self._put(path, data, if_generation_match=0)  # 0: there is no object
    except api_errors.PreconditionFailed:
      return False
    return True

  def _put(self, path: str, data: bytes, **condition: int) -> None:
    self._blob(path).upload_from_string(
      data,
      content_type=_TYPE,
      checksum='crc32c',
      retry=None,
      timeout=_timeout(),
      **condition,
    )

  def begin(self, path: str) -> GsUpload:
    return GsUpload(self._blob(path))

  def delete(self, path: str) -> None:
    with contextlib.suppress(api_errors.NotFound):
      self._blob(path).delete(retry=None, timeout=_timeout())


def has_credentials() -> bool:
  """Whether there are credentials of Google's; if not, people are told.

  Without any, Beam would look for them five times, for half a minute and with a
  stack trace each time. On a machine of Google's it may: there they come from a
  service, which may fail for a while.
  """
  if 'STORAGE_EMULATOR_HOST' in os.environ:
    return False  # it has no accounts
  try:
    google.auth.default()
  except auth_errors.GoogleAuthError as e:
    if _is_googles_machine():
      return True
    why = str(e).split('. ')[0]
    complain(
      f'note: {why}: gs:// is read anonymously, which public buckets allow. '
      'For others, run `gcloud auth application-default login` first'
    )
    return False
  return True


def _is_googles_machine() -> bool:
  """Whether this is a machine of Google's cloud, by what its firmware says."""
  try:
    with open(_PRODUCT) as file:
      return file.read().startswith('Google')
  except OSError:
    return False


class GsUpload:
  """A resumable upload.

  The library retries its parts itself, as long as `retries.attempt` would: a
  try from outside would append the same bytes to its buffer twice.
  """

  tries: int | None = 1

  def __init__(self, blob: Any):
    longest = retries.LAST_WAIT
    total = sum(
      min(retries.FIRST_WAIT * 2**i, longest) for i in range(retries.TRIES - 1)
    )
    self._writer = blob.open(
      'wb',
      chunk_size=client.PART_BYTES,
      ignore_flush=True,
      content_type=_TYPE,
      retry=DEFAULT_RETRY.with_delay(
        initial=retries.FIRST_WAIT, maximum=longest, multiplier=2
      ).with_timeout(total),
      timeout=_timeout(),
    )

  def part(self, data: bytes) -> None:
    self._writer.write(data)

  def complete(self, data: bytes) -> None:
    self._writer.write(data)
    self._writer.close()

  def abort(self) -> None:
    # An upload that nobody completes costs nothing and ends in a week. But the
    # library's `close` completes it, and the garbage collector calls that. (Its
    # `terminate`, as of 3.17, ends another upload than this.)
    self._writer.close = lambda: None


def _timeout() -> tuple[float, float]:
  return client.CONNECT_TIMEOUT, client.TIMEOUT
