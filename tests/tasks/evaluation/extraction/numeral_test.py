"""Numerals as Chinese and Japanese write them, read back."""

import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation.extraction import numeral
from ul2_flan.tasks.evaluation.extraction.number import number

DIGITS = '零一二三四五六七八九'
UNITS = '兆億万千百十'


def written(value: int, unit: int = 10**12) -> str:
  """Writes a number in Chinese: 一百零五."""
  if value < 10:
    return DIGITS[value]
  above, below = divmod(value, unit)
  sign = UNITS[[10**12, 10**8, 10**4, 1000, 100, 10].index(unit)]
  smaller = {10**12: 10**8, 10**8: 10**4}.get(unit, unit // 10)
  if not above:
    return written(value, smaller)
  text = f'{written(above)}{sign}'
  if below:
    text += '零' * (below < unit // 10) + written(below, smaller)
  return text


@given(st.integers(0, 10**15))
def test_a_number_is_read_back(value: int):
  text = written(value)
  assert number(f'3 + 4。答案是{text}。', 'zh') == (str(value), 'cue')
  # Japanese has no sign for a place that is empty.
  japanese = text if value < 10 else text.replace('零', '')
  assert numeral.leading(f'{japanese}円です', 'ja') == str(value)


@given(st.integers(1, 9999), st.sampled_from('万億兆'), st.integers(0, 9999))
def test_digits_with_signs(above: int, sign: str, below: int):
  text = f'{above}{sign}{below or ""}'
  unit = {'万': 10**4, '億': 10**8, '兆': 10**12}[sign]
  assert numeral.with_digits(text, 'ja') == str(above * unit + below)


@given(st.text('一二十百千万亿兆两〇0123456789.,/½ 个是答案', max_size=40))
def test_whatever_a_model_says_is_a_number_or_none(text: str):
  answer, _ = number(f'答案是{text}', 'zh')
  assert re.fullmatch(r'(\d+(\.\d+|/\d+)?)?', answer)


@pytest.mark.parametrize(
  ('text', 'language', 'value'),
  [
    ('一百五', 'zh', '150'),
    ('百五', 'ja', '105'),
    ('二〇二四年', 'zh', '2024'),
    ('约两万五千元', 'zh', '25000'),
    ('百分之二十', 'zh', '20'),
    ('拾捌', 'zh', '18'),
    ('三万亿', 'zh', '3000000000000'),
    ('一', 'ja', '1'),
    ('一緒に', 'ja', ''),
    ('十分明显', 'zh', ''),
    ('三分之一', 'zh', ''),
    ('万一', 'zh', ''),
    ('五千克', 'zh', '5'),
    ('一' * 41, 'zh', ''),
    ('苹果十八个', 'zh', ''),
    ('', 'zh', ''),
  ],
)
def test_what_a_text_begins_with(text: str, language: str, value: str):
  assert numeral.leading(text, language) == value


def test_what_counts_nothing_is_no_number():
  assert numeral.alone('三加五等于八', 'zh') == ''
