"""White space, tags and entities go, and questions have marks."""

import re
import sys

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.text_fixes import TIDY


@pytest.mark.parametrize(
  ('name', 'text', 'expected'),
  [
    ('question', 'who  rowed', 'Who rowed?'),
    ('question', ' ', ''),
    ('plain', 'a<b>c</b> &lt; d', 'a c < d'),
    ('plain', '1 < 2 > 0', '1 < 2 > 0'),
  ],
)
def test_fixes(name: str, text: str, expected: str) -> None:
  assert TIDY[name](text) == expected


@given(st.text(st.sampled_from('ab.é \n\t\r\x0b\x1c\x85\xa0\u2003\u2028')))
def test_one_space_stands_for_all_white_space_of_a_line(text: str) -> None:
  spaced = re.sub(r'[^\S\n]+', ' ', text)
  assert TIDY['spaces'](text) == re.sub(r' ?\n\s*', '\n', spaced).strip()


def test_no_white_space_but_a_space_is_printable() -> None:
  characters = ''.join(map(chr, range(sys.maxunicode + 1)))
  others = re.findall(r'[^\S ]', characters)
  assert len(others) > 20
  assert not any(map(str.isprintable, others))
