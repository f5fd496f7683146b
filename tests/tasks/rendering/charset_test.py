"""What becomes of characters that a vocabulary lacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.rendering.charset import Charset, substitutions
from ul2_flan.tasks.rendering.rendered import Rendered

T5 = Charset(newlines=False, lacking='{}<\\^`~')


def encode(text: str) -> list[int]:
  """Ids as T5 makes them: newlines are spaces, and some characters unknown."""
  lacking = T5.lacking
  return [2 if c in lacking else ord(c) for c in ' '.join(text.split())]


def rendered(*inputs: str) -> Rendered:
  index = np.arange(len(inputs))
  return Rendered(index, list(inputs), ['y'] * len(inputs))


def test_a_vocabulary_says_what_it_lacks() -> None:
  assert Charset.of(encode, 2) == T5
  assert Charset.of(lambda text: list(map(ord, text)), 2) == Charset()


def test_prose() -> None:
  changed = T5.apply(rendered('a {b} < c', 'plain'))
  assert changed.inputs == ['a (b) « c', 'plain']
  assert Charset().apply(rendered('a {b}')).inputs == ['a {b}']
  # What stands for a character is not itself one that may be lacking.
  stand_ins = set(''.join(substitutions().values()))
  assert not stand_ins & set(substitutions())


def test_code_is_kept_or_rejected() -> None:
  given = rendered('a = 1', 'b = {}', 'c\nd')
  kept = T5.apply(given, code=True)
  assert kept.inputs == ['a = 1']
  assert kept.index.tolist() == [0]
  assert kept.rejects == {'not_encodable': [1, 2]}
  assert Charset().apply(given, code=True) is given


@given(st.lists(st.text(alphabet='a{<~\\\0')))
def test_all_texts_at_once_are_as_each_alone(texts: list[str]) -> None:
  table = str.maketrans(dict(substitutions()))
  assert T5.apply(rendered(*texts)).inputs == [
    t.translate(table) for t in texts
  ]
