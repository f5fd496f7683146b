"""Numbers as people of many languages write them."""

import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation.extraction.number import number, only_number

# Of scripts with digits of their own.
ZEROS = '0٠०০௦౦๐０'


@pytest.mark.parametrize(
  ('text', 'language', 'value'),
  [
    ('$18', 'en', '18'),
    ('18 dollars', 'en', '18'),
    ('18.00', 'en', '18'),
    ('18,00 €', 'de', '18'),
    ('114.200', 'de', '114200'),
    ('114,200', 'de', '114200'),
    ('114 200', 'ru', '114200'),
    ('114\u00a0200', 'en', '114200'),
    ("1'234'567", 'de', '1234567'),
    ('1,14,200', 'te', '114200'),
    ('1 000 000,50', 'fr', '1000000.5'),
    ('1.500', 'en', '1.5'),
    ('1.500.000', 'en', '1500000'),
    ('114 200', 'sw', '114200'),
    ('$.50', 'en', '0.5'),
    ('007.10', 'en', '7.1'),
    ('-$5', 'en', '-5'),
    ('−5', 'en', '-5'),
    ('−0', 'en', '0'),
    ('１，５００', 'ja', '1500'),
    ('৳১,৫০০', 'bn', '1500'),
    ('6/2', 'en', '3'),
    ('5/2', 'en', '2.5'),
    ('-2 1/2', 'en', '-2.5'),
    ('2½', 'de', '2.5'),
    ('１／３', 'ja', '1/3'),
    (r'\frac{1000}{2}', 'en', '500'),
    ('7万ドル', 'ja', '70000'),
    ('1.5万元', 'zh', '15000'),
    ('1億2000万円', 'ja', '120000000'),
  ],
)
def test_a_reference(text, language, value):
  assert only_number(text, language) == value
  assert number(f'… {text}.', language).answer == value


@given(st.integers(0, 10**12), st.sampled_from(ZEROS))
def test_digits_of_any_script_and_groups_of_three(value, zero):
  script = {ord('0') + i: ord(zero) + i for i in range(10)}
  for text in (str(value), f'{value:,}'):
    assert only_number(text.translate(script), 'bn') == str(value)


@pytest.mark.parametrize(
  ('text', 'language', 'value', 'how'),
  [
    ('3 + 4 = 7', 'en', '7', 'fallback'),
    ('9 - 3', 'en', '3', 'fallback'),
    ('12,13', 'en', '13', 'fallback'),
    ('In 2024 500 came', 'en', '500', 'fallback'),
    ('Well...5', 'en', '5', 'fallback'),
    ('It has 5 cm²', 'en', '5', 'fallback'),
    ('The answer is 5 apples for 3 days. Bye 7', 'en', '5', 'cue'),
    ('The answer is 2 + 3 = 5.', 'en', '5', 'cue'),
    ('Antwort 3. The answer is 4.', 'de', '4', 'cue'),
    ('The answer is 5/2 cups, so 3', 'en', '2.5', 'cue'),
    ('On 3/4/2024', 'en', '2024', 'fallback'),
    (f'{"1" * 5000}/2', 'en', '1' * 5000, 'fallback'),
    ('他有3个和15个。答案是 3 + 15 = 十八个苹果。', 'zh', '18', 'cue'),
    ('答えは、三つです。', 'ja', '3', 'cue'),
    ('答案是一共18个', 'zh', '18', 'cue'),
    ('答案是一样的', 'zh', '', 'none'),
    ('十八', 'zh', '18', 'fallback'),
    ('三加五是十八', 'zh', '', 'none'),
    ('The answer is unknown', 'en', '', 'none'),
    ('', 'zh', '', 'none'),
  ],
)
def test_the_number_that_is_announced_or_else_the_last(
  text, language, value, how
):
  assert number(text, language) == (value, how)


def test_a_reference_with_no_number_or_two_is_none():
  assert only_number('about') == only_number('3 or 4') == ''


def test_all_exemplars_of_mgsm_announce_their_answers(shared_data: Path):
  source = (shared_data / 'eval/mgsm/exemplars.py.txt').read_text()
  values = {
    node.targets[0].id: ast.literal_eval(node.value)
    for node in ast.parse(source).body
    if isinstance(node, ast.Assign)
  }
  found = {
    (language, key): number(exemplar['a'], language)
    for language, exemplars in values['MGSM_EXEMPLARS'].items()
    for key, exemplar in exemplars.items()
  }
  right = [str(n) for n in values['EXEMPLAR_NUMBER_ANSWERS']]
  assert len(found) == 88
  assert found == {key: (right[int(key[1]) - 1], 'cue') for key in found}
