"""Real servers of `gs://` and `s3://` on loopback, each behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import dataclasses
import json
import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

from apache_beam.options.pipeline_options import PipelineOptions
import boto3
from gcp_storage_emulator.server import create_server
from moto.s3 import models as s3_models
from moto.server import ThreadedMotoServer
from support.buckets.fault_proxy import Call, Proxy

from ul2_flan.tasks.buckets import Bucket

# So that AWS's client looks for no account on this machine.
AWS = {
  'AWS_ACCESS_KEY_ID': 'of nobody',
  'AWS_SECRET_ACCESS_KEY': 'none',
  'AWS_CONFIG_FILE': '/nowhere',
  'AWS_SHARED_CREDENTIALS_FILE': '/nowhere',
  'AWS_EC2_METADATA_DISABLED': 'true',
}


@dataclasses.dataclass
class Service:
  """A service of buckets, which has one bucket.

  Attributes:
    scheme: 'gs' or 's3', with which its paths begin.
    proxy: the proxy in front of its server.
    flags: options of Beam that lead there.
  """

  scheme: str
  proxy: Proxy
  flags: tuple[str, ...]

  def __post_init__(self) -> None:
    # One object for all tests, since each object has a client of its own.
    self.options = PipelineOptions(self.flags)
    self.bucket: Bucket | None = None
    self.known: dict[str, tuple[Any, Any, Bucket]] = {}

  def path(self, name: str) -> str:
    return f'{self.scheme}://bucket/{name}'

  def files(self, folder: str = '') -> dict[str, bytes]:
    """The names of all objects below a folder, and their bytes."""
    root = self.path(folder).rstrip('/') + '/'
    return {
      path.removeprefix(root): self.bucket.read_bytes(path)
      for path, _ in self.bucket.match(root + '**')
    }

  def uploads(self) -> list[dict[str, str]]:
    """S3's uploads that nobody has completed or aborted."""
    if self.scheme == 'gs':
      return []  # Google's cost nothing, and end by themselves
    s3 = self.bucket._client._s3
    found = s3.list_multipart_uploads(Bucket='bucket').get('Uploads', ())
    return [{k: upload[k] for k in ('Key', 'UploadId')} for upload in found]

  def empty(self) -> None:
    """Deletes all objects, and aborts all uploads."""
    if self.scheme == 'gs':
      return self.proxy.wipe()  # it keeps deleted objects for a week
    everything = self.bucket.match(self.path('**'))
    self.bucket.delete([path for path, _ in everything])
    for upload in self.uploads():
      self.bucket._client._s3.abort_multipart_upload(Bucket='bucket', **upload)

  def fill(self, folder: str, files: dict[str, bytes]) -> str:
    """Writes files below a folder; returns its path."""
    for name, data in files.items():
      self.bucket.write_bytes(self.path(f'{folder}/{name}'), data)
    return self.path(folder)


class _GsProxy(Proxy):
  """Cuts listings into pages, which the emulator does not."""

  def rewrite(self, call: Call, target: str, data: bytes) -> bytes:
    query = parse_qs(urlsplit(target).query)
    if call.kind != 'list' or 'maxResults' not in query or not data:
      return data
    answer = json.loads(data)
    start = int(query.get('pageToken', ['0'])[0])
    end = start + int(query['maxResults'][0])
    if end < len(answer.get('items', ())):
      answer['nextPageToken'] = str(end)
    answer['items'] = answer.get('items', [])[start:end]
    return json.dumps(answer).encode()


@contextlib.contextmanager
def gs_server() -> Iterator[Proxy]:
  """Runs gcp-storage-emulator, a server of Google Cloud Storage."""
  logging.getLogger('gcp_storage_emulator').setLevel(logging.CRITICAL)
  server = create_server(
    '127.0.0.1', 0, in_memory=True, default_bucket='bucket'
  )
  # It would write its whole state to a file at every call.
  server._storage._write_config_to_file = lambda: None
  server.start()
  proxy = _GsProxy(*server._api._httpd.server_address, gs_kind)
  proxy.wipe = lambda: server.wipe(keep_buckets=True)
  yield proxy
  proxy.close()
  server.stop()


@contextlib.contextmanager
def s3_server() -> Iterator[Proxy]:
  """Runs moto's server of S3."""
  logging.getLogger('werkzeug').setLevel(logging.CRITICAL)
  s3_models.S3_UPLOAD_PART_MIN_SIZE = 1  # small parts, for fast tests
  server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)
  server.start()
  host, port = server.get_host_and_port()
  boto3.client(
    's3',
    endpoint_url=f'http://{host}:{port}',
    region_name='us-east-1',
    aws_access_key_id='a',
    aws_secret_access_key='b',
  ).create_bucket(Bucket='bucket')
  proxy = Proxy(host, port, s3_kind)
  yield proxy
  proxy.close()
  server.stop()


def gs_kind(method: str, target: str) -> str:
  """Says what a request to Google's JSON interface does, as `Fault.kind`."""
  path, _, query = target.partition('?')
  if method == 'DELETE':
    return 'abort' if 'upload_id' in query else 'delete'
  if '/upload/' in path:
    return 'finish' if method == 'PUT' else 'write'
  if path.startswith(('/download/', '/bucket/')) or 'alt=media' in query:
    return 'read'
  return 'list' if path.endswith('/o') else 'stat'


def s3_kind(method: str, target: str) -> str:
  """Says what a request to S3 does, as `Fault.kind`."""
  query = target.partition('?')[2]
  if 'uploadId' in query:
    return {'POST': 'finish', 'DELETE': 'abort', 'PUT': 'write'}[method]
  if method == 'GET':
    return 'list' if 'list-type' in query else 'read'
  return {'PUT': 'write', 'POST': 'write', 'DELETE': 'delete'}.get(
    method, 'stat'
  )
