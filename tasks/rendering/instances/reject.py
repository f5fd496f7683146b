"""The error for a row that makes no instance."""

from typing import Any

# The fields of a row or of an instance, by name.
Fields = dict[str, Any]


class RejectError(Exception):
  """A row makes no instance.

  Attributes:
    reason: the code that rejects are counted by.
  """

  def __init__(self, reason: str):
    super().__init__(reason)
    self.reason = reason


def require(condition: object, reason: str) -> None:
  """Rejects a row unless a condition holds."""
  if not condition:
    raise RejectError(reason)
