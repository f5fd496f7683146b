"""Quotation marks are plain, and single where one is meant."""

import pytest

from ul2_flan.tasks.rendering.text_fixes import TIDY


@pytest.mark.parametrize(
  ('name', 'text', 'expected'),
  [
    ('tex_quotes', "``a'' b", '"a" b'),
    ('doubled_quotes', 'is it "so"', 'is it "so"'),
    ('tex_quotes', "don''t", "don''t"),
    ('tex_quotes', 'a &amp; b , c ( d ).', 'a & b, c ( d ).'),
    ('tex_quotes', "didn ’ t , Ada 's", "didn’t, Ada's"),
    ('doubled_quotes', '"In ""so""?"', 'In "so"?'),
    ('csv_quotes', '"""A"" b."', '"A" b.'),
    ('csv_quotes', '"a" and ""b""', '"a" and ""b""'),
    ('csv_quotes', 'dit «\u2009a\u00a0»  b', 'dit «\u2009a\u00a0» b'),
    ('nested_quotes', 'So:\n- A: ""a" b"\n"c"', 'So:\n- A: "\'a\' b"\n"c"'),
    ('nested_quotes', '"a" and "b"', '"a" and "b"'),
  ],
)
def test_fixes(name: str, text: str, expected: str) -> None:
  assert TIDY[name](text) == expected
