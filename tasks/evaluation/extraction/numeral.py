"""Chinese and Japanese numerals: 十八, 一百零五, 三万, 1億2000万.

MGSM's references have digits alone, and its paper does not say how such an
answer counts; here it counts as a reader takes it. The signs are words
and parts of words too, as 一 in 一共 and 千 in 千克: where they stand decides.
"""

from decimal import Decimal
import re
import unicodedata

_SIGNS = '〇零一二三四五六七八九两兩壱弐参壹贰貳叁參肆伍陆陸柒捌玖'
_TENS = {
  **dict.fromkeys('十拾', 10),
  **dict.fromkeys('百佰', 100),
  **dict.fromkeys('千仟', 1000),
}
_MYRIADS = {'万': 10**4, '萬': 10**4, '億': 10**8, '亿': 10**8, '兆': 10**12}
_UNITS = {**_TENS, **_MYRIADS}
# 千克, 千米 and 千瓦 are units of measure.
_UNIT = f'(?:(?!千[克米瓦])[{"".join(_UNITS)}])'

_WITH_DIGITS = re.compile(
  r'(?<![\d.,])(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,6})?'
  rf'{_UNIT}(?:(?:\d{{1,4}}|[{_SIGNS}]{{1,4}})?{_UNIT}){{0,8}}'
  rf'(?:\d{{1,4}}(?![\d.,])|[{_SIGNS}]{{1,4}})?'
)
_NUMERAL = re.compile(
  rf'(?:[^\w\-−]|[约約共]|百分之)*(?P<signs>(?:[{_SIGNS}]|{_UNIT})+)'
)
# What follows one sign if it is a number: 五个, 五ドル, 五。
_COUNTED = re.compile(
  r'\W|$|で|つ|ド|小[时時]|分(?![之明])|[千公][克斤里米]|美[元分]|日元|'
  '[個个只隻匹頭头本冊册枚張张台輛辆件塊块元円圆人名位歳岁天周週年秒頁页歩步米'
  '克磅杯瓶袋盒箱打雙双組组次回倍]'
)
# A model may repeat a sign without end.
_MAX_SIGNS = 40
_TOKEN = re.compile(rf'(?P<digits>[\d,.]+|[{_SIGNS}]+)|(?P<unit>.)')


def with_digits(text: str, language: str) -> str:
  """Writes numbers in digits that have some: they are numbers everywhere.

  >>> with_digits('3万5千円と1億2000万', 'ja'), with_digits('1.2万元', 'zh')
  ('35000円と120000000', '12000元')
  >>> with_digits('5千克', 'zh')
  '5千克'
  """
  return _WITH_DIGITS.sub(lambda match: _value(match[0], language), text)


def leading(text: str, language: str) -> str:
  """Reads the numeral that a text begins with, in plain form; '' if none does.

  One sign alone is a number if it counts something, or if nothing follows, and
  no digits are there.

  >>> leading('二百五十块钱', 'zh'), leading('三つです', 'ja')
  ('250', '3')
  >>> leading('一样的', 'zh'), leading('一个人18元', 'zh')
  ('', '')
  """
  match = _NUMERAL.match(text)
  signs, rest = (match['signs'], text[match.end() :]) if match else ('', '')
  if not signs or signs[0] in _MYRIADS or len(signs) > _MAX_SIGNS:
    return ''
  if len(signs) > 1 or (_COUNTED.match(rest) and not re.search(r'\d', text)):
    return _value(signs, language)
  return ''


def alone(text: str, language: str) -> str:
  """Reads a text that is one numeral, perhaps with what it counts.

  >>> alone('十八个苹果。', 'zh'), alone('一共是多少', 'zh')
  ('18', '')
  """
  match = _NUMERAL.match(text)
  rest = text[match.end() :] if match else ''
  return leading(text, language) if re.fullmatch(r'\w{0,3}\W*', rest) else ''


def _value(numeral: str, language: str) -> str:
  """Computes a numeral: what stands before 万 is multiplied as a whole."""
  total = below = Decimal(0)
  digits: Decimal | None = None
  unit = 1
  for token in _TOKEN.finditer(numeral):
    if token['digits']:
      digits = _digits(token[0])
      is_short = language == 'zh' and unit > 10 and len(token[0]) == 1
      if is_short and token.end() == len(numeral):
        digits = digits * unit / 10  # 一百五 is 150
      continue
    unit = _UNITS[token[0]]
    if token[0] in _MYRIADS and not below and digits is None:
      total *= unit  # 万亿
    elif token[0] in _MYRIADS:
      total += (below + (digits or 0)) * unit
      below = Decimal(0)
    else:
      below += (1 if digits is None else digits) * unit
    digits = None
  plain = f'{total + below + (digits or 0):f}'
  return plain.rstrip('0').rstrip('.') if '.' in plain else plain


def _digits(text: str) -> Decimal:
  """Reads digits, or signs in their places: 二〇二四."""
  if text[0] not in _SIGNS:
    return Decimal(text.replace(',', ''))
  values = (2 if c in '两兩' else int(unicodedata.numeric(c)) for c in text)
  return Decimal(''.join(map(str, values)))
