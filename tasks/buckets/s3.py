"""S3 and what speaks its protocol, through boto3."""

from __future__ import annotations

from typing import Any

import boto3
from botocore import config
from botocore import exceptions as errors

from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.buckets.client import Fault

_TYPE = 'application/octet-stream'
# Errors that pass although their status, 400 or 409, is that of a mistake.
_TRANSIENT_CODES = {
  'BadDigest',
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeout',
}
# Connections that broke.
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
    """Takes the arguments of boto3's client from Beam's options."""
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
    """Makes the client; calls nothing yet.

    Args:
      settings: arguments of boto3's client. For those that are None, boto3
        looks into the environment and AWS's files.
    """
    self._s3 = boto3.session.Session().client(
      's3',
      **settings,
      config=config.Config(
        # `retries.attempt` does that, and knows truncated answers too.
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
      # Its status is 404, but the upload is missing, not the object.
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

  def version(self, path: str) -> str:
    return str(self._s3.head_object(**_place(path))['ETag'])

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    bucket, start = client.split(prefix)
    more = {'ContinuationToken': token} if token else {}
    listing = self._s3.list_objects_v2(
      Bucket=bucket, Prefix=start, MaxKeys=client.PAGE, **more
    )
    objects = [
      (f's3://{bucket}/{entry["Key"]}', int(entry['Size']))
      for entry in listing.get('Contents', ())
    ]
    return objects, listing.get('NextContinuationToken')

  def read(self, path: str, start: int, end: int) -> bytes:
    answer = self._s3.get_object(
      **_place(path), Range=f'bytes={start}-{end - 1}'
    )
    data: bytes = answer['Body'].read()
    return data

  def put(self, path: str, data: bytes) -> None:
    self._s3.put_object(**_place(path), Body=data, ContentType=_TYPE)

  def put_first(self, path: str, data: bytes) -> bool:
    try:
      self._s3.put_object(
        **_place(path), Body=data, ContentType=_TYPE, IfNoneMatch='*'
      )
    except errors.ClientError as e:
      status = e.response.get('ResponseMetadata', {}).get('HTTPStatusCode')
      if status == 412:  # precondition failed
        return False
      if status != 501:  # a service that is not AWS's and knows no conditions
        raise
      self.put(path, data)
    return True

  def begin(self, path: str) -> S3Upload:
    return S3Upload(self, self._s3, path)

  def delete(self, path: str) -> None:
    self._s3.delete_object(**_place(path))  # no error if there is none


class S3Upload:
  """A multipart upload; each of its calls may be repeated."""

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
    # Completing an upload must repeat its parts' checksums, but not their type.
    checksums = {k: v for k, v in sent.items() if k.startswith('Checksum')}
    checksums.pop('ChecksumType', None)
    self._parts.append(
      {'ETag': sent['ETag'], 'PartNumber': number, **checksums}
    )
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
      # The upload is gone: an earlier try may have completed it, and its answer
      # was lost. Then the object is there, whole.
      if e.response.get('Error', {}).get('Code') != 'NoSuchUpload':
        raise
      if self._client.size(self._path) != self._size:
        raise

  def abort(self) -> None:
    self._s3.abort_multipart_upload(**self._place)


def _place(path: str) -> dict[str, str]:
  bucket, name = client.split(path)
  return {'Bucket': bucket, 'Key': name}
