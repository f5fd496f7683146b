"""What a vocabulary needs of a model, whichever library reads its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ul2_flan.tasks.ragged import Ragged


class Model(Protocol):
  """Turns texts into ids and back.

  Attributes:
    kind: the library's name for it, as the manifest has it.
    size: how many ids there are.
    pieces: the text of each id, as it stands in the middle of a text: with
      spaces, not with '▁' or 'Ġ'.
    unk_id: the id of unknown characters; -1 if no text gives one.
    eos_id: the id of EOS.
  """

  kind: str
  size: int
  unk_id: int
  eos_id: int

  @property
  def pieces(self) -> Sequence[str]: ...

  def id_of(self, name: str) -> int | None:
    """Returns the id of a piece; None if the model has none of this name."""

  def encode(self, text: str) -> Sequence[int]:
    """Returns the ids of one text, without EOS."""

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Returns the ids of n texts, without EOS."""

  def expect(self, tokens: float, times: float, processes: int) -> None:
    """Says how much text is to come; see `Vocabulary.expect`."""

  def decode(self, ids: Sequence[int]) -> str:
    """Returns the text of ids."""

  def spell(self, ids: Sequence[int]) -> str:
    """Returns the pieces of ids, joined; others become `<id k>`."""
