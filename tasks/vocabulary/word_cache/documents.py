"""Chooses the documents that are for the cache, and cuts these into units."""

import bisect
from collections.abc import Iterator, Sequence
import itertools

import numpy as np

from ul2_flan.tasks.vocabulary.word_cache.chunks import Chunk
from ul2_flan.tasks.vocabulary.word_cache.rules import WORD_MARK, Rules
from ul2_flan.tasks.vocabulary.word_cache.units import PADDING

# Bytes of text looked up at once, so that their arrays stay in the processor's
# cache.
_CHUNK_BYTES = 1 << 19

# A text goes to SentencePiece if more than one byte in so many is beyond ASCII:
# most of its words are longer than a key, or have no white space between them.
_ASCII_SHARE = 20

# So many characters of a text tell well enough whether it is such a one.
_BEGINNING = 1000

# Places of so many texts, as parts of a block. Multiples of the golden ratio
# are spread evenly, and never in step with languages that take turns.
_PLACES = [i * 0.618034 % 1 for i in range(256)]

# In so many characters that the cache would look up, a third of the words are
# different in English and in code, and half of them in many languages.
_SAMPLE_CHARS, _MOST_DIFFERENT = 1 << 17, 0.45

# Of fewer words than these the share says nothing.
_LEAST_WORDS = 4000


def cacheable_chars(texts: Sequence[str]) -> int:
  """Counts the characters of the texts that a cache would look up, about.

  It looks at the beginnings of some texts alone.

  >>> cacheable_chars(['An English text', '一段較長的中文文字'])
  15
  """
  total = len(texts)
  if total > len(_PLACES):
    texts = [texts[int(place * total)] for place in _PLACES]
  chars = sum(
    len(text)
    for text in texts
    if _is_cacheable(beginning := text[:_BEGINNING], beginning.encode())
  )
  return chars * total // max(1, len(texts))


def repeats_words(texts: Sequence[str]) -> bool:
  """Whether words of the texts recur so often that a cache could know them.

  It looks at some beginnings alone. Of few words it assumes the best.

  >>> repeats_words(['one two'] * 3000)
  True
  >>> repeats_words([' '.join(map(str, range(20_000)))])
  False
  """
  size = max(_BEGINNING, _SAMPLE_CHARS // max(1, len(texts)))
  beginnings = [text[:size] for text in texts]
  held = [text for text in beginnings if _is_cacheable(text, text.encode())]
  step = max(1, len(held) * size // _SAMPLE_CHARS)
  words = ' '.join(held[::step]).split()
  if len(words) < _LEAST_WORDS:
    return True
  return len(set(words)) < _MOST_DIFFERENT * len(words)


def _is_cacheable(text: str, data: bytes) -> bool:
  """Whether a text, with its UTF-8, has little beyond ASCII."""
  return len(data) - len(text) <= len(data) // _ASCII_SHARE


def chunks_of(texts: Sequence[str], rules: Rules) -> Iterator[Chunk]:
  """Cuts the documents of a block that are for the cache into units."""
  ends = list(itertools.accumulate(map(len, texts)))
  start = done = 0
  while start < len(texts):
    stop = bisect.bisect_right(ends, done + _CHUNK_BYTES) + 1
    chunk = _chunk(texts[start:stop], start, rules)
    if chunk.documents:
      yield chunk
    start, done = stop, ends[min(stop, len(ends)) - 1]


def _chunk(texts: Sequence[str], first: int, rules: Rules) -> Chunk:
  """Cuts documents into units, those that are for the cache.

  Args:
    texts: the documents.
    first: the place of the first one in its block.
    rules: what to know of the model.
  """
  user = rules.user_defined
  # Python knows of each text whether it is ASCII. If all are, one look at all
  # of them is enough.
  if all(map(str.isascii, texts)):
    # A newline before and after each, as white space parts units.
    joined = '\n'.join(['', *texts, ''])
    if '\0' not in joined and not (user and user in joined):
      places = list(range(first, first + len(texts)))
      sizes = np.fromiter(map(len, texts), np.int64, len(texts))
      data = (joined + '\0' * PADDING).encode()
      return Chunk(data, sizes, places, rules.kinds)
  held: list[bytes] = []
  documents: list[int] = []
  for i, text in enumerate(texts, first):
    data = text.encode()
    if not (
      b'\0' in data
      or (user and user in text)
      or not (text.isascii() or _is_cacheable(text, data))
      or WORD_MARK in text
    ):
      held.append(data)
      documents.append(i)
  sizes = np.fromiter(map(len, held), np.int64, len(held))
  data = b'\n'.join([b'', *held, bytes(PADDING)])
  return Chunk(data, sizes, documents, rules.kinds)
