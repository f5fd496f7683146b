"""How a row is refused of which no instance can be made."""

from typing import Any

# The fields of one row, or of the instance that becomes of it, by their names.
Fields = dict[str, Any]


class RejectError(Exception):
  """No instance can be made of a row.

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
