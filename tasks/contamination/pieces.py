"""The characters of examples, straight from their token ids.

It costs a tenth of decoding each example, and no text is made.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from ul2_flan.tasks.contamination.characters import (
  SPACE,
  Characters,
  characters_of,
  kept,
  table,
)
from ul2_flan.tasks.denoising.sentinels import restore
from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary import Vocabulary

# A piece that has some bytes of a character, of SentencePiece or others.
_BYTES = re.compile(r'<0x[0-9A-F]{2}>|.*\ufffd.*', re.DOTALL)


class PieceTable:
  """The characters of each piece of a vocabulary."""

  def __init__(self, vocabulary: Vocabulary):
    """Makes the table."""
    self._vocabulary = vocabulary
    self._sentinels = vocabulary.sentinels
    pieces = vocabulary.pieces
    self._is_bytes = np.array([bool(_BYTES.fullmatch(p)) for p in pieces])
    # Padding, and what stands for no text.
    silent = (0, vocabulary.unk_id, vocabulary.eos_id)
    texts = [
      ''
      if i in silent or self._is_bytes[i]
      else unicodedata.normalize('NFKC', p)
      for i, p in enumerate(pieces)
    ]
    data = ''.join(texts).encode('utf-32-le', 'surrogatepass')
    form = table()[np.frombuffer(data, np.uint32)]
    # Also what stands for a space between examples, as the last piece of all.
    self._forms = Ragged(
      np.concatenate([form, [SPACE]]).astype(np.int32),
      offsets_of(np.array([*map(len, texts), 1], np.int64)),
    )
    self._end = len(pieces)

  def characters_of(self, inputs: Ragged, targets: Ragged) -> Characters:
    """Returns the characters of n examples, each as its text was.

    Args:
      inputs: n sequences of token ids.
      targets: the same.
    """
    ids = self._restored(inputs, targets)
    values = np.where(ids.values < self._end, ids.values, self._end)
    known = values < self._end
    if self._is_bytes.any() and self._is_bytes[values[known]].any():
      return characters_of([self._vocabulary.decode(one) for one in ids])
    # Each example, and then the end that separates it from the next.
    lengths = ids.lengths + 1
    whole = np.full(int(lengths.sum()), self._end)
    inside = np.ones(len(whole), np.bool_)
    inside[np.cumsum(lengths) - 1] = False
    whole[inside] = values
    taken = self._forms.take(whole)
    starts = taken.offsets[offsets_of(lengths)]
    return kept(taken.values.astype(np.uint32), starts)

  def _restored(self, inputs: Ragged, targets: Ragged) -> Ragged:
    """Puts what denoising took out back in its place, without sentinels.

    A segment that begins with noise shows by its targets, which have sentinels
    and do not begin with one. In its inputs a mode token stands before the
    first sentinel, and nothing else.
    """
    seen = offsets_of(self._sentinels.among(targets.values).view(np.uint8))
    before = seen[targets.offsets]
    some = before[1:] > before[:-1]
    noise_first = some & (
      seen[np.minimum(targets.offsets[:-1] + 1, len(seen) - 1)] == before[:-1]
    )
    if noise_first.any():
      seen = offsets_of(self._sentinels.among(inputs.values).view(np.uint8))
      owner = np.repeat(np.arange(len(inputs)), inputs.lengths)
      rank = seen[1:] - seen[inputs.offsets[:-1]][owner]
      text = ~noise_first[owner] | (rank > 0)
      counts: Int64s = np.bincount(owner[text], minlength=len(inputs))
      inputs = Ragged(inputs.values[text], offsets_of(counts))
    return restore(inputs, targets, self._sentinels)
