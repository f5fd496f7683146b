"""Each rule on texts finds its fault, and none finds one in a clean text."""

import pytest
from support.faults import prompt_faults


@pytest.mark.parametrize(
  ('text', 'rule'),
  [
    ('a  b', 'doubled space'),
    ('a \nb', 'space at the end of a line'),
    ('a\n b', 'space at the start of a line'),
    ('so , yes', 'space before a mark'),
    ('{word}', 'brace'),
    ('Read "" now', 'nothing in quotes'),
    (' a', 'white space around it'),
    ('a\n\n\n\nb', 'four newlines'),
    ('a None b', 'slot that was not filled'),
    ('a <extra_id_0>', 'sentinel'),
    ('a &amp; b', 'HTML'),
    ('in the the', 'word twice'),
    ('Is "a?"? Yes', 'mark after a mark'),
    ('Q: Question: a', 'label after a label'),
    ('Choose:\nOptions:\n- a', 'options after a colon'),
    ('a article', 'a before a vowel'),
    ('Which?\nA)\nB) b', 'mark without an option'),
  ],
)
def test_a_fault_is_found(text: str, rule: str) -> None:
  assert any(f.startswith(rule) for f in prompt_faults.faults(text, zero=True))


@pytest.mark.parametrize(
  'text',
  [
    'Who said "no"? I... did: at 7:40, in "An hour".\n\n(A) she\n(B) nobody',
    'Text: an apple.\nQuestion: what?\nAnswer:',
  ],
)
def test_a_clean_text_has_none(text: str) -> None:
  assert list(prompt_faults.faults(text, zero=True)) == []
