"""Calls of HTTP whose errors show no address, since addresses may be signed."""

from __future__ import annotations

import re
import threading
from typing import Any
from urllib.parse import urlsplit

import requests

from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.buckets.client import Fault

_local = threading.local()


class WebError(Exception):
  """A call that failed.

  Attributes:
    status: of HTTP; 0 if there was no answer.
    retry_after: seconds that the server asks to wait; 0 if it says nothing.
  """

  def __init__(self, status: int, text: str, retry_after: float = 0.0):
    super().__init__(text)
    self.status = status
    self.retry_after = retry_after


def fault(error: Exception) -> Fault | None:
  """Interprets an error, as `client.Client` does."""
  if isinstance(error, WebError):
    transient = error.status == 0 or error.status in client.TRANSIENT
    return Fault(error.status, transient, error.retry_after)
  return None


def call(
  method: str,
  url: str,
  headers: dict[str, str],
  *,
  redirects: bool = True,
  stream: bool = False,
) -> requests.Response:
  """Makes a call; its bytes come as they are stored.

  Authorization is not sent to another host that an answer leads to.

  Raises:
    WebError: it failed, or the server refuses it.
  """
  try:
    answer = _session().request(
      method,
      url,
      headers={'Accept-Encoding': 'identity', **headers},
      timeout=(client.CONNECT_TIMEOUT, client.TIMEOUT),
      allow_redirects=redirects,
      stream=stream,
    )
  except requests.RequestException as e:
    raise broken(e, url) from None
  if answer.status_code >= 400:
    wait = retry_after(answer.headers.get('Retry-After', ''))
    raise WebError(answer.status_code, _told(answer), wait)
  return answer


def broken(error: Exception, url: str) -> WebError:
  """Makes the error of a connection that broke."""
  host = '{0.scheme}://{0.netloc}'.format(urlsplit(url))
  return WebError(0, f'{type(error).__name__} at {host}')


def retry_after(text: str) -> float:
  """Reads the header Retry-After, in seconds; a date, or nonsense, is 0.

  >>> retry_after('3'), retry_after('Fri, 31 Dec 1999 23:59:59 GMT')
  (3.0, 0.0)
  """
  return float(text) if re.fullmatch(r'\d{1,5}', text.strip()) else 0.0


def _told(answer: requests.Response) -> str:
  """Says what an answer means, in words that help."""
  host = urlsplit(answer.url).netloc
  hint = {
    401: 'it is not there, or private, or gated: set HF_TOKEN',
    403: 'it is gated: accept its terms on its page, and set HF_TOKEN',
    429: 'too many calls',
  }.get(answer.status_code, answer.reason or '')
  return f'{host} answered {answer.status_code}: {hint}'


def _session() -> requests.Session:
  if not hasattr(_local, 'session'):
    _local.session = requests.Session()
    # Without it a password of .netrc would go in the place of the token.
    _local.session.auth = _as_it_is
  session: requests.Session = _local.session
  return session


def _as_it_is(request: Any) -> Any:
  return request
