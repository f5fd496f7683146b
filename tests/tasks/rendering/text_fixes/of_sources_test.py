"""Text fixes undo what sources did, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.text_fixes import TIDY


@pytest.mark.parametrize('fix', TIDY.values(), ids=TIDY)
@given(text=st.text('ac A\n .,!?"\'', max_size=30))
def test_no_fix_leaves_white_space_around_a_text(
  fix: Callable[[str], str], text: str
) -> None:
  fixed = fix(text)
  assert fixed == fixed.strip()
  assert '  ' not in fixed
  # No letter is lost, and none added.
  assert _letters(fixed) == _letters(text)


def _letters(text: str) -> str:
  return ''.join(c for c in text.lower() if c.isalpha())


@pytest.mark.parametrize('fix', TIDY.values(), ids=TIDY)
@pytest.mark.parametrize(
  'text', ['Ada rowed to the isle.', 'Was it "done", or not?']
)
def test_a_text_that_needs_no_fix_stays_as_it_is(
  fix: Callable[[str], str], text: str
) -> None:
  assert fix(text) == text


@pytest.mark.parametrize(
  ('name', 'text', 'expected'),
  [
    ('no_title', 'Isle -- ``It rains', '"It rains'),
    ('no_title', 'a' * 101 + ' -- b', 'a' * 101 + ' -- b'),
    ('highlights', 'P\n@highlight\nH', 'P\nH'),
    ('placeholder', 'In @placeholder .', 'In ___ .'),
    ('bytes_repr', 'plain', 'plain'),
    ('documents', 'a ||||| b|||||', 'a\n\nb'),
    ('quac', 'C CANNOTANSWER', 'C'),
    ('wire', 'A #39;b quot;c quot;', 'A\'b "c"'),
    ('escapes', r'a \"b\"', 'a "b"'),
    ('escapes', r'\ud83d\ude00 \ud83d \u00', '😀 \ufffd \\u00'),
    ('wikihow', '[header] How to row [step] Sit .', 'How to row Sit.'),
    ('slots', 'eatType[pub]', 'eat type = pub'),
    ('mail', 'x = 5, =3D', 'x = 5, =3D'),
    ('mail', 'so=20 many= s=20', 'so manys'),
    ('mail', 'the "gas"" is', 'the "gas" is'),
    ('mojibake', 'â‚¬86bn, 20Â°, â€” Ada', '€86bn, 20°, — Ada'),
    ('mojibake', 'Ângela â la carte', 'Ângela â la carte'),
    ('wire', 'AT amp;T and Co amp; Co', 'AT&T and Co & Co'),
    ('byline', '(CNN) -- A (b) -- c', 'A (b) -- c'),
    ('byline', 'PUBLISHED: 2 May 2013 . A', 'A'),
    ('byline', 'a' * 301 + ') -- b', 'a' * 301 + ') -- b'),
  ],
)
def test_fixes(name: str, text: str, expected: str) -> None:
  assert TIDY[name](text) == expected
