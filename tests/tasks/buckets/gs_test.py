"""Errors of Google's client are interpreted.

`tests/whole_runs/engines/bucket_calls_test.py` has all calls, against a server.
"""

import http.client
from types import SimpleNamespace

from google.api_core import exceptions as api_errors
from google.auth import exceptions as auth_errors
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
import pytest
import requests

from ul2_flan.tasks.buckets import gs
from ul2_flan.tasks.buckets.client import Fault
from ul2_flan.tasks.buckets.gs import GsClient


@pytest.mark.parametrize(
  ('error', 'fault'),
  [
    (api_errors.NotFound('x'), Fault(404, False)),
    (api_errors.Forbidden('x'), Fault(403, False)),
    (api_errors.TooManyRequests('x'), Fault(429, True)),
    (api_errors.ServiceUnavailable('x'), Fault(503, True)),
    (api_errors.BadRequest('x'), Fault(400, False)),
    # The library has retried it already.
    (api_errors.RetryError('x', None), Fault(0, False)),
    (InvalidResponse(SimpleNamespace(status_code=503)), Fault(503, True)),
    (InvalidResponse(SimpleNamespace(status_code=400)), Fault(400, False)),
    (auth_errors.RefreshError('x', retryable=True), Fault(401, True)),
    (auth_errors.RefreshError('x'), Fault(401, False)),
    (auth_errors.TransportError('x'), Fault(0, True)),
    (DataCorruption(None), Fault(0, True)),
    (requests.ConnectionError(), Fault(0, True)),
    (http.client.IncompleteRead(b''), Fault(0, True)),
    (TimeoutError(), Fault(0, True)),
    (ZeroDivisionError(), None),
  ],
)
def test_errors_are_interpreted(error: Exception, fault: Fault | None):
  # A fault depends on no settings.
  assert GsClient.fault(object.__new__(GsClient), error) == fault


def test_who_has_no_credentials_is_told_at_once(tmp_path, monkeypatch, capsys):
  """Beam would look for them five times, in half a minute."""
  asked: list[str] = []

  def default() -> None:
    asked.append('asked')
    raise auth_errors.DefaultCredentialsError('None were found. See https://…')

  product = tmp_path / 'product_name'
  product.write_text('Google Compute Engine\n')
  monkeypatch.delenv('STORAGE_EMULATOR_HOST', raising=False)
  monkeypatch.setattr('google.auth.default', default)
  monkeypatch.setattr(gs, '_PRODUCT', str(product))
  assert gs.has_credentials()  # Beam goes on to look
  product.unlink()
  assert not gs.has_credentials()
  assert len(asked) == 2
  note, *others = capsys.readouterr().err.splitlines()
  assert note.startswith('note: None were found: gs:// is read anonymously')
  assert others == []
  monkeypatch.setattr('google.auth.default', lambda: None)
  assert gs.has_credentials()
  monkeypatch.setenv('STORAGE_EMULATOR_HOST', 'http://localhost:1')
  assert not gs.has_credentials()
