"""Shipped tables have the papers' numbers; wrong tables are refused clearly."""

import dataclasses
import math

import pytest

from ul2_flan.tasks.denoising import (
  Denoiser,
  load_preset,
  parse_table,
  preset_text,
  presets,
)
from ul2_flan.tasks.errors import UserError

GOOD = """\
name = "mine"
description = "mine"

[[denoisers]]
name = "a"
mode = "R"
corruption = "spans"
mean_span = 3
density = 0.15
rate = 1

[[denoisers]]
name = "b"
mode = "S"
corruption = "prefix"
density = 0.5
rate = 3.0
"""


def change(old: str, new: str, text: str = GOOD) -> str:
  assert old in text
  return text.replace(old, new, 1)


@pytest.mark.parametrize('name', presets())
def test_presets_are_sound(name: str):
  table = load_preset(name)
  assert table.name == name
  assert math.isclose(math.fsum(d.rate for d in table.denoisers), 1)
  assert 'arXiv' in table.description or 'github.com' in table.description
  assert parse_table(preset_text(name), 'a copy') == table


def test_ul2_is_table_1():
  table = load_preset('ul2')
  denoisers = [
    (d.mode, d.corruption, d.mean_span, d.density) for d in table.denoisers
  ]
  assert denoisers == [
    ('R', 'spans', 3, 0.15),
    ('R', 'spans', 8, 0.15),
    ('S', 'prefix', 0, 0.25),
    ('X', 'spans', 3, 0.5),
    ('X', 'spans', 8, 0.5),
    ('X', 'spans', 64, 0.15),
    ('X', 'spans', 64, 0.5),
  ]
  assert {d.rate for d in table.denoisers} == {1 / 7}
  assert not any(d.random_roll for d in table.denoisers)


def test_ul2r_is_half_s_and_a_quarter_r_and_x():
  shares = dict.fromkeys('RSX', 0.0)
  for denoiser in load_preset('ul2r').denoisers:
    shares[denoiser.mode] += denoiser.rate
  assert shares == {'R': 0.25, 'S': 0.5, 'X': 0.25}


def test_tables_of_other_models():
  def settings(name: str) -> list[tuple[object, ...]]:
    return [
      (d.mode, d.corruption, d.mean_span, d.density)
      for d in load_preset(name).denoisers
    ]

  assert settings('t5_1_1') == settings('mt5') == [('none', 'spans', 3, 0.15)]
  assert settings('causal_lm') == [('none', 'causal', 0, 1)]
  assert settings('pile_t5') == [
    *settings('t5_1_1'),
    ('none', 'prefix', 0, 0.5),
    ('none', 'spans', 32, 0.5),
  ]
  paper, code = settings('ul2'), settings('ul2_appendix')
  assert [i for i in range(7) if paper[i] != code[i]] == [2]
  assert code[2] == ('S', 'prefix', 0, 0.5)


def test_a_table_is_read():
  table = parse_table(GOOD, 'mine.toml')
  assert (table.name, table.on_sentinel_overflow) == ('mine', 'refuse')
  assert table.denoisers == (
    Denoiser('a', 'R', 'spans', 0.15, 0.25, 3),
    Denoiser('b', 'S', 'prefix', 0.5, 0.75),
  )


def test_optional_keys():
  text = 'on_sentinel_overflow = "merge"\n' + change(
    'rate = 1', 'rate = 1\nrandom_roll = true'
  )
  table = parse_table(text, 'mine.toml')
  assert table.on_sentinel_overflow == 'merge'
  assert [d.random_roll for d in table.denoisers] == [True, False]


WRONG = [
  (change('name = "mine"', 'name ='), 'mine.toml is not TOML: '),
  ('', 'mine.toml has no [[denoisers]]'),
  (GOOD[: GOOD.index('[')], 'mine.toml has no [[denoisers]]'),
  (GOOD[: GOOD.index('[')] + 'denoisers = 3', '[[denoisers]]'),
  (GOOD[: GOOD.index('[')] + 'denoisers = [1]', '[[denoisers]]'),
  (
    change('[[denoisers]]', '[denoisers]', GOOD[: GOOD.rindex('[[')]),
    '[[denoisers]]',
  ),
  # Keys.
  (change('density', 'densty'), "'densty'. Did you mean 'density'?"),
  (change('description', 'descripton'), "Did you mean 'description'?"),
  (change('density = 0.15\n', ''), "has no 'density'"),
  (change('rate = 1\n', ''), "has no 'rate'"),
  (change('mode = "R"\n', ''), "has no 'mode'"),
  (change('description = "mine"\n', ''), "has no 'description'"),
  # Types.
  (change('rate = 1', 'rate = true'), "'rate' is True, not a number"),
  (change('0.15', '"0.15"'), "'density' is '0.15', not a number"),
  (change('name = "a"', 'name = 1'), "denoiser '1': 'name' is 1, not text"),
  (change('"mine"', '1'), "mine.toml: 'name' is 1, not text"),
  (
    change('rate = 1', 'rate = 1\nrandom_roll = 1'),
    "'random_roll' is 1, not true or false",
  ),
  # Values.
  (change('"b"', '"a"'), "the same name: ['a', 'a']"),
  (change('"a"', '"a b"'), "denoiser 'a b': a name has letters"),
  (change('"R"', '"Q"'), "denoiser 'a': mode is 'Q', not R, S, X or none"),
  (change('"spans"', '"span"'), "'span'. Did you mean 'spans'?"),
  (change('= 1', '= 0'), "denoiser 'a': rate is 0, not positive"),
  (change('= 1', '= inf'), "denoiser 'a': rate is inf, not positive"),
  (change('= 1', '= nan'), "denoiser 'a': rate is nan, not positive"),
  (change('0.15', '1.0'), "denoiser 'a': density 1.0 is not within (0, 1)"),
  (change('0.15', 'nan'), "denoiser 'a': density nan is not within (0, 1)"),
  (change('0.15', '0'), "denoiser 'a': density 0 is not within (0, 1)"),
  (change('= 3', '= 0.5'), "denoiser 'a': mean_span 0.5 is less than 1"),
  (change('mean_span = 3\n', ''), "denoiser 'a': mean_span 0.0 is less than 1"),
  (change('"prefix"', '"causal"'), "denoiser 'b': a causal LM has mode 'none'"),
  (change('0.5', '0.6'), "denoiser 'b': density 0.6 is not within (0, 0.5]"),
  (change('0.5', '0.5\nmean_span = 3'), 'mean_span and random_roll are for'),
  (change('0.5', '0.5\nrandom_roll = true'), "denoiser 'b': mean_span and"),
  (
    'on_sentinel_overflow = "sorten"\n' + GOOD,
    "unknown on_sentinel_overflow 'sorten'. Did you mean 'shorten'?",
  ),
]


@pytest.mark.parametrize(('text', 'message'), WRONG)
def test_a_wrong_table_is_refused(text: str, message: str):
  with pytest.raises(UserError) as error:
    parse_table(text, 'mine.toml')
  assert message in str(error.value)
  assert str(error.value).startswith('mine.toml')


@pytest.mark.parametrize(
  ('old', 'new'),
  [
    ('density', 'densty'),
    ('density = 0.15\n', ''),
    ('"spans"', '"span"'),
    ('rate = 1', 'rate = true'),
  ],
)
def test_the_denoiser_is_named(old: str, new: str):
  with pytest.raises(UserError, match=r"^mine.toml, denoiser 'a': "):
    parse_table(change(old, new), 'mine.toml')


def test_unknown_presets_are_refused():
  with pytest.raises(UserError, match=r"'ul2t'. Did you mean 'ul2r?'"):
    load_preset('ul2t')


def test_a_table_does_not_change():
  with pytest.raises(dataclasses.FrozenInstanceError):
    load_preset('ul2').name = 'mine'
