"""Shows how much has come, how fast, and how long the rest will take."""

from __future__ import annotations

import threading
import time
from types import TracebackType

import tqdm

from ul2_flan.tasks.messages import complain, draws_bars, rows

# Seconds between two lines where no bar can be drawn.
_LOG_SECONDS = 30.0


class Progress:
  """Counts bytes from several threads; shows them if it is entered.

  Attributes:
    came: bytes that have come.
    expected: bytes that will come in all, as far as anybody knows; else 0.
  """

  def __init__(self, name: str = ''):
    """Begins at nothing.

    Args:
      name: of the place, for people.
    """
    self.came = self.expected = 0
    self._name = name
    self._bar: tqdm.tqdm[None] | None = None
    self._lines = False
    self._start = self._said = time.monotonic()
    self._lock = threading.Lock()

  def __enter__(self) -> Progress:
    self._lines = not draws_bars()
    if not self._lines:
      self._bar = tqdm.tqdm(
        unit='B', unit_scale=True, desc=self._name, nrows=rows()
      )
    return self

  def __exit__(
    self,
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
  ) -> None:
    if self._bar is not None:
      self._bar.close()

  def expect(self, count: int) -> None:
    """Says that so many bytes more will come."""
    self.expected += count
    if self._bar is not None and self.expected:
      self._bar.total = self.expected
      self._bar.refresh()

  def __call__(self, count: int) -> None:
    """Says that so many bytes have come."""
    with self._lock:
      self.came += count
      if self._bar is not None:
        self._bar.update(count)
      now = time.monotonic()
      if self._lines and now - self._said >= _LOG_SECONDS:
        self._said = now
        complain(self.told(now - self._start))

  def told(self, seconds: float) -> str:
    """Tells how far it is after so many seconds.

    >>> progress = Progress('P3')
    >>> progress.expect(30_000_000)
    >>> progress(10_000_000)
    >>> progress.told(5)
    'P3: 10.0 of 30.0 MB, 2.0 MB/s, 10 s left'
    """
    rate = self.came / max(seconds, 1e-9)
    of = f' of {self.expected / 1e6:,.1f}' if self.expected else ''
    told = f'{self._name}: {self.came / 1e6:,.1f}{of} MB, {rate / 1e6:.1f} MB/s'
    if of and rate:
      told += f', {max(self.expected - self.came, 0) / rate:,.0f} s left'
    return told
