"""Replaces characters that a vocabulary lacks, or rejects the example.

In prose, a character without a piece becomes its look-alike of
`substitutions.toml`, rather than an unknown token. Where the vocabulary takes a
newline for a space, as T5's and mT5's do, prose stays as it is, and the
renderer draws only layouts that keep exemplars apart without newlines. Code is
left alone: an example that the vocabulary cannot encode faithfully is rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import functools
import re

from ul2_flan.tasks import shipped
from ul2_flan.tasks.rendering.rendered import Rendered

# Hardly any text contains it.
_BETWEEN = '\0'


@functools.cache
def substitutions() -> Mapping[str, str]:
  """Maps characters to their look-alikes, as `substitutions.toml` does."""
  table = shipped.table('rendering/substitutions.toml')
  return dict(table['substitutions'])


@dataclasses.dataclass(frozen=True, slots=True)
class Charset:
  """What a vocabulary can do with characters.

  Attributes:
    newlines: it encodes a newline otherwise than a space.
    lacking: the characters of `substitutions()` that it has no piece for.
  """

  newlines: bool = True
  lacking: str = ''

  @classmethod
  def of(cls, encode: Callable[[str], Sequence[int]], unk_id: int) -> Charset:
    """Tries what a vocabulary can do.

    Args:
      encode: turns text into ids, without EOS.
      unk_id: the id of what has no piece.
    """
    lacking = (c for c in substitutions() if unk_id in encode(f'a{c}b'))
    return cls(
      newlines=list(encode('a\nb')) != list(encode('a b')),
      lacking=''.join(lacking),
    )

  def apply(self, rendered: Rendered, *, code: bool = False) -> Rendered:
    """Returns examples that the vocabulary can encode.

    Args:
      rendered: examples of one task.
      code: their text is code, which is not to be changed.

    Rejects:
      not_encodable: code with a character, or a newline, that would be lost.
    """
    if code:
      return self._only_faithful(rendered)
    if not self.lacking:
      return rendered
    return dataclasses.replace(
      rendered,
      inputs=self._substituted(rendered.inputs),
      targets=self._substituted(rendered.targets),
    )

  def _substituted(self, texts: list[str]) -> list[str]:
    # One search through all of a block's text takes a tenth of the time that
    # one through each text takes.
    joined = whole = _BETWEEN.join(texts)
    for character in self.lacking:
      if character in joined:
        joined = joined.replace(character, substitutions()[character])
    if joined is whole:
      return texts
    changed = joined.split(_BETWEEN)
    if len(changed) == len(texts):
      return changed
    # A text contains what should stand between texts: take each by itself.
    table = {ord(c): substitutions()[c] for c in self.lacking}
    return [text.translate(table) for text in texts]

  def _only_faithful(self, rendered: Rendered) -> Rendered:
    lost = self.lacking + ('' if self.newlines else '\n')
    if not lost:
      return rendered
    search = re.compile(f'[{re.escape(lost)}]').search
    pairs = zip(rendered.inputs, rendered.targets, strict=True)
    kept = [
      i for i, (x, y) in enumerate(pairs) if not search(x) and not search(y)
    ]
    # Rejects are counted by instance, examples by their place.
    index = rendered.index.tolist()
    dropped = sorted(set(index) - {index[i] for i in kept})
    rejects = {**rendered.rejects}
    if dropped:
      rejects['not_encodable'] = dropped
    return Rendered(
      rendered.index[kept],
      [rendered.inputs[i] for i in kept],
      [rendered.targets[i] for i in kept],
      rejects,
      {k: [v[i] for i in kept] for k, v in rendered.draws.items()},
    )
