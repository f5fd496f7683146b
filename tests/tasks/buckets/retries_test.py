"""Transient faults are tried again, a bounded number of times."""

from collections.abc import Callable
import itertools

import pytest

from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.buckets.client import TRANSIENT, Fault
from ul2_flan.tasks.buckets.retries import (
  BucketError,
  TruncatedReadError,
  attempt,
)


class ServiceError(Exception):
  """An error of a call, with HTTP's status."""


def fault_of(error: Exception) -> Fault | None:
  if not isinstance(error, ServiceError):
    return None
  status = error.args[0]
  return Fault(status, status in TRANSIENT or not status)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
  """The seconds that `attempt` would have slept."""
  slept: list[float] = []
  monkeypatch.setattr(retries.time, 'sleep', slept.append)
  return slept


class Calls:
  """A call that fails with some errors, one after the other."""

  def __init__(self, *errors: Exception, result: str = 'done'):
    self._errors = iter(errors)
    self._result = result
    self.count = 0

  def __call__(self) -> str:
    self.count += 1
    for error in self._errors:
      raise error
    return self._result


def tried(call: Callable[[], str], tries: int | None = None) -> str:
  return attempt('read', 'gs://b/x', call, fault_of, tries)


def test_a_call_that_succeeds_is_made_once(waits: list[float]):
  call = Calls()
  assert tried(call) == 'done'
  assert (call.count, waits) == (1, [])


@pytest.mark.parametrize('failures', range(1, retries.TRIES))
def test_transient_faults_are_tried_again(waits: list[float], failures: int):
  statuses = itertools.islice(itertools.cycle([503, 429, 0]), failures)
  call = Calls(*map(ServiceError, statuses))
  assert tried(call) == 'done'
  assert call.count == failures + 1
  assert len(waits) == failures


def test_waits_double_and_are_bounded(waits: list[float]):
  with pytest.raises(BucketError):
    tried(Calls(*[ServiceError(503)] * 99))
  longest = [min(1.0 * 2**i, 32.0) for i in range(retries.TRIES - 1)]
  assert sum(longest) == 63
  for wait, most in zip(waits, longest, strict=True):
    assert most / 2 <= wait <= most


@pytest.mark.parametrize(('tries', 'said'), [(1, 'once'), (3, '3 times')])
def test_the_last_error_is_told(waits: list[float], tries: int, said: str):
  call = Calls(*[ServiceError(500, 'the server\nand more')] * 99)
  with pytest.raises(BucketError) as error:
    tried(call, tries)
  assert call.count == tries
  assert len(waits) == tries - 1
  message = str(error.value)
  assert message.startswith(f'gs://b/x: cannot read, tried {said} in 0 s: ')
  assert message.endswith("ServiceError: (500, 'the server\\nand more')")
  assert isinstance(error.value.__cause__, ServiceError)


@pytest.mark.parametrize(
  ('status', 'kind'),
  [(404, FileNotFoundError), (401, PermissionError), (403, PermissionError)],
)
def test_what_is_missing_or_forbidden_is_not_tried_again(
  waits: list[float], status: int, kind: type[OSError]
):
  call = Calls(ServiceError(status))
  with pytest.raises(kind, match='cannot read, ServiceError') as error:
    tried(call)
  assert error.value.filename == 'gs://b/x'
  assert (call.count, waits) == (1, [])


def test_other_faults_are_not_tried_again(waits: list[float]):
  call = Calls(ServiceError(400))
  with pytest.raises(BucketError, match='tried once in 0 s: ServiceError: 400'):
    tried(call)
  assert (call.count, waits) == (1, [])


def test_errors_of_our_own_are_raised_as_they_are(waits: list[float]):
  call = Calls(ServiceError(503), ZeroDivisionError())
  with pytest.raises(ZeroDivisionError):
    tried(call)
  assert call.count == 2


def test_a_truncated_read_is_tried_again(waits: list[float]):
  # Whatever the client thinks of it.
  call = Calls(TruncatedReadError('1 bytes came of 2'))
  assert attempt('read', 'gs://b/x', call, lambda _: None) == 'done'
  assert len(waits) == 1
