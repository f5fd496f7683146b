"""Errors of boto3 are interpreted; an upload repeats what may be repeated.

`tests/whole_runs/engines/bucket_calls_test.py` has all calls, against a server.
"""

from __future__ import annotations

from typing import Any

from botocore import exceptions as errors
import pytest

from ul2_flan.tasks.buckets.client import Fault
from ul2_flan.tasks.buckets.s3 import S3Client, S3Upload


def client_error(status: int, code: str = '') -> errors.ClientError:
  return errors.ClientError(
    {'ResponseMetadata': {'HTTPStatusCode': status}, 'Error': {'Code': code}},
    'Call',
  )


@pytest.mark.parametrize(
  ('error', 'fault'),
  [
    (client_error(404, 'NoSuchKey'), Fault(404, False)),
    (client_error(403), Fault(403, False)),
    (client_error(503), Fault(503, True)),
    (client_error(429), Fault(429, True)),
    (client_error(400), Fault(400, False)),
    (client_error(400, 'BadDigest'), Fault(400, True)),
    (client_error(409, 'OperationAborted'), Fault(409, True)),
    # The object is not what is missing.
    (client_error(404, 'NoSuchUpload'), Fault(0, False)),
    (errors.NoCredentialsError(), Fault(401, False)),
    (errors.EndpointConnectionError(endpoint_url='x'), Fault(0, True)),
    (errors.ReadTimeoutError(endpoint_url='x'), Fault(0, True)),
    (
      errors.IncompleteReadError(actual_bytes=1, expected_bytes=2),
      Fault(0, True),
    ),
    (ConnectionResetError(), Fault(0, True)),
    (errors.ParamValidationError(report='x'), Fault(0, False)),
    (ZeroDivisionError(), None),
  ],
)
def test_errors_are_interpreted(error: Exception, fault: Fault | None):
  # A fault depends on no settings.
  assert S3Client.fault(object.__new__(S3Client), error) == fault


class Service:
  """boto3's client, as far as uploads need it."""

  def __init__(self) -> None:
    self.completed: list[dict[str, Any]] = []
    self.errors: list[Exception] = []
    self.sizes: list[int] = []

  def create_multipart_upload(self, **place: Any) -> dict[str, Any]:
    assert place['Bucket'] == 'b'
    assert place['Key'] == 'x'
    return {'UploadId': 'u'}

  def upload_part(self, **call: Any) -> dict[str, Any]:
    assert call['UploadId'] == 'u'
    self.sizes.append(len(call['Body']))
    return {
      'ETag': f'e{self.sizes[-1]}',
      'ChecksumCRC32': 'c',
      'ChecksumType': 'COMPOSITE',
      'RequestCharged': 'x',
    }

  def complete_multipart_upload(self, **call: Any) -> None:
    self.completed = call['MultipartUpload']['Parts']
    if self.errors:
      raise self.errors.pop(0)


def upload_of(service: Service, size: int = 0) -> S3Upload:
  client = object.__new__(S3Client)
  client.size = lambda path: size  # type: ignore[method-assign]
  return S3Upload(client, service, 's3://b/x')


def test_parts_are_completed_with_their_checksums():
  service = Service()
  upload = upload_of(service)
  upload.part(b'four')
  upload.complete(b'end')
  assert service.completed == [
    {'ETag': 'e4', 'PartNumber': 1, 'ChecksumCRC32': 'c'},
    {'ETag': 'e3', 'PartNumber': 2, 'ChecksumCRC32': 'c'},
  ]


def test_completing_again_sends_no_part_again():
  service = Service()
  upload = upload_of(service)
  service.errors = [client_error(503)]
  with pytest.raises(errors.ClientError):
    upload.complete(b'end')
  upload.complete(b'end')
  assert service.sizes == [3]


@pytest.mark.parametrize(('size', 'is_whole'), [(7, True), (6, False)])
def test_an_upload_that_is_gone_was_completed_if_the_object_is_whole(
  size: int, is_whole: bool
):
  service = Service()
  upload = upload_of(service, size)
  upload.part(b'four')
  service.errors = [client_error(404, 'NoSuchUpload')]
  if is_whole:
    upload.complete(b'end')
  else:
    with pytest.raises(errors.ClientError, match='NoSuchUpload'):
      upload.complete(b'end')
