"""Hugging Face's `tokenizer.json`: BPE, Unigram and others, by `tokenizers`.

The ids are those of `tokenizers` without its post-processor, with one
exception: text never gives a special token, as with SentencePiece. There,
`</s>` in a text is five characters; `tokenizers` makes EOS of it, which would
end an example in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
import functools
import os
import re
from typing import TYPE_CHECKING

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged, offsets_of
from ul2_flan.tasks.vocabulary.long_texts import groups, parts_of
from ul2_flan.tasks.vocabulary.tokenizer_file import HIDDEN, TokenizerFile

# The library is an extra, and is imported where a vocabulary needs it.
if TYPE_CHECKING:
  import tokenizers

# An encoding takes a hundred bytes for each token, so few texts are encoded at
# once, and longer ones in parts. Parts end before a space between two words.
MAX_CHARS_AT_ONCE = 1 << 18
MAX_TEXT_CHARS = 1 << 20
_BETWEEN_WORDS = re.compile(r'(?<=\w) (?=\w)')


class TokenizerModel:
  """A loaded `tokenizer.json`; see `model.Model`."""

  kind = 'tokenizer_json'

  def __init__(self, data: bytes, eos: str = ''):
    """Loads a tokenizer.

    Args:
      data: the file's bytes.
      eos: the name of EOS; by default the only one there is of
        `tokenizer_file.USUAL_EOS`.

    Raises:
      UserError: the bytes are no tokenizer; or text could give the id 0, which
        is padding to seqio; or EOS is not known; or characters would be lost.
    """
    file = TokenizerFile.read(data, eos)
    self._ids = file.ids
    self.size = 1 + max(file.ids.values())
    self.eos_id, self.unk_id = file.ids[file.eos], file.ids.get(file.unk, -1)
    self._bytes_of = file.byte_letters
    # As SentencePiece's control pieces, these are no text; nor is padding.
    self._silent = {0} | {
      file.ids[token]
      for token in file.special - {file.unk}
      if not token.startswith('<extra_id_')
    }
    self._tokenizer = _load(file.with_hidden_names())

  @functools.cached_property
  def _names(self) -> list[str]:
    """The name of each id; '' where there is none."""
    names = [''] * self.size
    for name, i in self._ids.items():
      names[i] = name
    return names

  @functools.cached_property
  def pieces(self) -> list[str]:
    return [self._bytes(name).decode(errors='replace') for name in self._names]

  def _bytes(self, name: str) -> bytes:
    """Returns the bytes of text that a piece stands for."""
    letters = self._bytes_of
    if letters and all(c in letters for c in name):
      return bytes(letters[c] for c in name)
    return name.replace('▁', ' ').encode()

  def id_of(self, name: str) -> int | None:
    return self._ids.get(name)

  def encode(self, text: str) -> Sequence[int]:
    ids: list[int] = self.encode_block([text])[0].tolist()
    return ids

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Returns the ids of n texts, as `tokenizers` gives them.

    Texts of more than `MAX_TEXT_CHARS` characters are encoded in parts, each
    cut before a space between two words, if half that length has one.
    """
    if max(map(len, texts), default=0) > MAX_TEXT_CHARS:
      parts = [self._parts(text) for text in texts]
      ids = self._encoded([part for text in parts for part in text])
      ends = offsets_of(np.fromiter(map(len, parts), np.int64, len(parts)))
      return Ragged(ids.values, ids.offsets[ends])
    return self._encoded(texts)

  def _encoded(self, texts: Sequence[str]) -> Ragged:
    return Ragged.of(
      [
        encoding.ids
        for group in groups(texts, MAX_CHARS_AT_ONCE)
        for encoding in self._tokenizer.encode_batch_fast(
          list(group), add_special_tokens=False
        )
      ]
    )

  def _parts(self, text: str) -> list[str]:
    if self._space_between_parts is None:
      return [text]
    first, *rest = parts_of(text, MAX_TEXT_CHARS, _BETWEEN_WORDS)
    if self._space_between_parts:
      return [first, *rest]
    return [first, *(part.removeprefix(' ') for part in rest)]

  @functools.cached_property
  def _space_between_parts(self) -> bool | None:
    """Whether a part is to keep the space that it begins with.

    Some tokenizers put a space before any text, some only where there is none,
    some never. None if no way to cut gives the ids of the whole.
    """
    encode = self.encode
    whole, first = encode('one two'), encode('one')
    for keeps, rest in ((True, ' two'), (False, 'two')):
      if [*first, *encode(rest)] == whole:
        return keeps
    return None

  def expect(self, tokens: float, times: float, processes: int) -> None:
    """Does nothing: there is nothing to learn."""

  def decode(self, ids: Sequence[int]) -> str:
    said = [i for i in ids if i not in self._silent]
    text: str = self._tokenizer.decode(said, skip_special_tokens=False)
    return text.replace(HIDDEN, '')

  def spell(self, ids: Sequence[int]) -> str:
    """Returns the pieces of ids, joined.

    Ids of a character's single bytes are joined before they become text.
    """
    names = self._names
    return b''.join(
      self._bytes(names[i]) if 0 <= i < len(names) else b'<id %d>' % i
      for i in ids
    ).decode(errors='replace')


def _load(data: bytes) -> tokenizers.Tokenizer:
  # An engine has a process for each core; and threads of the library's own
  # would not outlive a fork.
  os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')
  try:
    import tokenizers
  except ModuleNotFoundError as e:
    raise UserError(
      "a tokenizer.json needs the package 'tokenizers': pip install "
      "'ul2-flan[tokenizers]'"
    ) from e
  try:
    return tokenizers.Tokenizer.from_buffer(data)
  except Exception as e:  # the library raises no class of its own
    raise UserError(f'not a tokenizer.json: {e}') from e
