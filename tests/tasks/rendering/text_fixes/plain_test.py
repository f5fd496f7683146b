"""White space, tags and entities go, and questions have marks."""

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
