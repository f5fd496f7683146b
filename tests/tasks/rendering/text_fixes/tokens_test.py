"""Texts lose the spaces that tokenisers put."""

import pytest

from ul2_flan.tasks.rendering.text_fixes import TIDY


@pytest.mark.parametrize(
  ('name', 'text', 'expected'),
  [
    ('tokenised', 'an odd " mark , it is', 'an odd " mark, it is'),
    ('tokenised', 'in ( a ) $ 5 .IXIC', 'in (a) $5 .IXIC'),
    ('plain_tokens', 'it <i>is</i> .', 'it is.'),
    ('tokenised', "they did n 't , but n 'tis", "they didn't, but n 'tis"),
    ('brackets', 'a -LRB- b -rrb- -lsb- c -rsb-', 'a (b) [c]'),
    ('tokenised', "said ' ' so ' ' twice", 'said "so" twice'),
    ('tokenised', "the men ' s hats", "the men's hats"),
    ('tokenised', "Bob ’ s and I ' ve", "Bob’s and I've"),
    ('tokenised', "workers ' jobs", "workers' jobs"),
    ('tokenised', "he says ' so ' twice", "he says ' so ' twice"),
    ('tokenised', "Mr. O 'Brien at 3 : 30", "Mr. O'Brien at 3:30"),
    ('tokenised', '1 5 / 8 percent', '1 5/8 percent'),
    ('tokenised', 'I gon na, got tan, Gim me', 'I gonna, got tan, Gimme'),
    ('tokenised', "` you ca n't ' , ` it", "'you can't', ` it"),
    ('tokenised', '" a . " " b . "', '"a." "b."'),
    ('nested_tokens', '"on a `` b . \'\'"', '"on a \'b.\'"'),
  ],
)
def test_fixes(name: str, text: str, expected: str) -> None:
  assert TIDY[name](text) == expected
