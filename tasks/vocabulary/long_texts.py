"""Cuts long texts into parts, and blocks into groups, for encoding."""

import collections
from collections.abc import Sequence
import re

_WHITE_SPACE = re.compile(r'\s')


def groups(texts: Sequence[str], most: int) -> list[Sequence[str]]:
  """Divides a block into stretches to encode at once; most blocks are one.

  Args:
    texts: n of them.
    most: characters of a stretch; a longer text is a stretch alone.
  """
  found: list[Sequence[str]] = []
  start = size = 0
  for i, text in enumerate(texts):
    size += len(text)
    if size > most and i > start:
      found.append(texts[start:i])
      start, size = i, len(text)
  return [*found, texts[start:]]


def parts_of(
  text: str, most: int, place: re.Pattern[str] = _WHITE_SPACE
) -> list[str]:
  """Cuts a long text into parts of at most `most` characters.

  Args:
    text: at least one character long.
    most: characters of a part.
    place: where a part may begin. One that would begin in half a part without
      such a place begins anywhere.
  """
  parts = []
  start = 0
  while len(text) - start > most:
    end = start + most
    # The last place in the second half of the part, if there is one.
    places = collections.deque(
      place.finditer(text, end - most // 2, end), maxlen=1
    )
    if places:
      end = places[0].start()
    parts.append(text[start:end])
    start = end
  return [*parts, text[start:]]
