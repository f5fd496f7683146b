"""S3 and what speaks its protocol, through boto3."""

from __future__ import annotations

from typing import Any

import boto3
from botocore import config
from botocore import exceptions as errors

from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.buckets.client import Fault

_TYPE = 'application/octet-stream'
# Their status is 400 or 409, and they pass.
_TRANSIENT_CODES = {'BadDigest', 'OperationAborted', 'RequestTimeout'}
_BROKEN = (
  ConnectionError,
  TimeoutError,
  errors.ConnectionError,
  errors.HTTPClientError,
  errors.IncompleteReadError,
  errors.FlexibleChecksumError,
)
_NO_CREDENTIALS = (
  errors.NoCredentialsError,
  errors.PartialCredentialsError,
  errors.CredentialRetrievalError,
)


class S3Client:
  """A `client.Client` for `s3://`; safe to share between threads."""

  @staticmethod
  def settings(options: Any) -> dict[str, Any]:
    """Arguments of boto3's client, as Beam's options have them."""
    from apache_beam.options.pipeline_options import S3Options

    given = client.view(options, S3Options)
    return {
      'region_name': given.s3_region_name,
      'api_version': given.s3_api_version,
      'use_ssl': not given.s3_disable_ssl,
      'verify': given.s3_verify,
      'endpoint_url': given.s3_endpoint_url,
      'aws_access_key_id': given.s3_access_key_id,
      'aws_secret_access_key': given.s3_secret_access_key,
      'aws_session_token': given.s3_session_token,
    }

  def __init__(self, settings: dict[str, Any]):
    """Makes no call yet.

    Args:
      settings: what is None is from the environment and the files of AWS.
    """
    self._s3 = boto3.session.Session().client(
      's3',
      **settings,
      config=config.Config(
        # Ours are counted, and know of short bodies too.
        retries={'total_max_attempts': 1, 'mode': 'standard'},
        connect_timeout=client.CONNECT_TIMEOUT,
        read_timeout=client.TIMEOUT,
        max_pool_connections=client.CONNECTIONS,
      ),
    )

  def fault(self, error: Exception) -> Fault | None:
    if isinstance(error, errors.ClientError):
      response = error.response
      status = response.get('ResponseMetadata', {}).get('HTTPStatusCode', 0)
      code = response.get('Error', {}).get('Code')
      # Of a part of an upload that is gone: the object is not what is missing.
      if code == 'NoSuchUpload':
        return Fault(0, is_transient=False)
      return Fault(
        status, status in client.TRANSIENT or code in _TRANSIENT_CODES
      )
    if isinstance(error, _NO_CREDENTIALS):
      return Fault(401, is_transient=False)
    if isinstance(error, _BROKEN):
      return Fault(0, is_transient=True)
    if isinstance(error, errors.BotoCoreError):
      return Fault(0, is_transient=False)
    return None

  def size(self, path: str) -> int:
    return int(self._s3.head_object(**_place(path))['ContentLength'])

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    bucket, start = client.split(prefix)
    more = {'ContinuationToken': token} if token else {}
    found = self._s3.list_objects_v2(
      Bucket=bucket, Prefix=start, MaxKeys=client.PAGE, **more
    )
    objects = [
      (f's3://{bucket}/{entry["Key"]}', int(entry['Size']))
      for entry in found.get('Contents', ())
    ]
    return objects, found.get('NextContinuationToken')

  def read(self, path: str, start: int, end: int) -> bytes:
    found = self._s3.get_object(
      **_place(path), Range=f'bytes={start}-{end - 1}'
    )
    data: bytes = found['Body'].read()
    return data

  def put(self, path: str, data: bytes) -> None:
    self._s3.put_object(**_place(path), Body=data, ContentType=_TYPE)

  def begin(self, path: str) -> S3Upload:
    return S3Upload(self, self._s3, path)

  def delete(self, path: str) -> None:
    self._s3.delete_object(**_place(path))  # of none is no error


class S3Upload:
  """A multipart upload."""

  tries: int | None = None

  def __init__(self, client: S3Client, s3: Any, path: str):
    self._client = client
    self._s3 = s3
    self._path = path
    self._size = 0
    self._all_sent = False
    self._parts: list[dict[str, Any]] = []
    begun = s3.create_multipart_upload(**_place(path), ContentType=_TYPE)
    self._place = {**_place(path), 'UploadId': begun['UploadId']}

  def part(self, data: bytes) -> None:
    number = len(self._parts) + 1
    sent = self._s3.upload_part(**self._place, PartNumber=number, Body=data)
    kept = {k: v for k, v in sent.items() if k.startswith('Checksum')}
    kept.pop('ChecksumType', None)
    self._parts.append({'ETag': sent['ETag'], 'PartNumber': number, **kept})
    self._size += len(data)

  def complete(self, data: bytes) -> None:
    if data and not self._all_sent:
      self.part(data)
    self._all_sent = True
    try:
      self._s3.complete_multipart_upload(
        **self._place, MultipartUpload={'Parts': self._parts}
      )
    except errors.ClientError as e:
      # An earlier try has come to its end, and its answer was lost.
      if e.response.get('Error', {}).get('Code') != 'NoSuchUpload':
        raise
      if self._client.size(self._path) != self._size:
        raise

  def abort(self) -> None:
    self._s3.abort_multipart_upload(**self._place)


def _place(path: str) -> dict[str, str]:
  bucket, name = client.split(path)
  return {'Bucket': bucket, 'Key': name}
