"""Definitions are read strictly, and the shipped ones say what they must."""

from pathlib import Path

import pytest

from ul2_flan.mixtures.definition import definitions, load, read, shipped
from ul2_flan.tasks.errors import UserError

LEAF = '[[mixtures]]\nname = "mine"\nsuites = ["cot"]\n'


@pytest.mark.parametrize('name', shipped())
def test_shipped_definitions_are_complete(name):
  mixture = load(name)
  assert mixture.description
  leaves = [part for _, part in mixture.leaves()]
  assert leaves
  assert not any(part.mixture for part in leaves)


@pytest.mark.parametrize(
  ('name', 'shares'),
  [
    ('flan2022_a', {'muffin': 52, 't0_sf': 15, 'niv2': 30, 'cot': 3}),
    ('flan2022_b', {'muffin': 46, 't0_sf': 27.9, 'niv2': 24.2, 'cot': 1.8}),
  ],
)
def test_shares_are_those_of_table_23(name, shares):
  assert {part.name: part.weight for part in load(name).parts} == shares


def test_a_part_has_what_its_whole_says_unless_it_says_otherwise():
  text = """
  [[mixtures]]
  name = "mine"
  suites = ["cot"]
  cap = 7
  few_shot = 0.1
  parts = [
    { name = "one", few_shot = 0.2 },
    { name = "two", suites = ["niv2"], parts = [{ name = "three", cap = 0 }] },
  ]
  """
  mine = read(text, 'mine.toml')['mine']
  leaves = dict(mine.leaves())
  assert list(leaves) == ['one', 'two/three']
  one, three = leaves.values()
  assert (one.suites, one.cap, one.few_shot) == (('cot',), 7, 0.2)
  assert (three.suites, three.cap, three.few_shot) == (('niv2',), 0, 0.1)
  # What is a whole's own is not its parts'.
  assert one.weight == three.weight == 1.0


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('[[mixture]]', "unknown key 'mixture'. Did you mean 'mixtures'"),
    ('[[mixtures', 'mine.toml is not TOML: '),
    ('mixtures = 3', "'mixtures' is not a list of tables"),
    (LEAF * 2, "^mine.toml: 'mine' is there twice"),
    (LEAF + 'weigth = 2', "unknown key of a part 'weigth'.*'weight'"),
    (LEAF + 'weight = inf', 'weight inf'),
    (LEAF + 'weight = "much"', "'weight' is 'much', not a number"),
    (LEAF + 'tasks = [3]', r"'tasks' is \[3\], not a list"),
    (LEAF + 'parts = 3', 'a list of tables'),
    (LEAF + 'parts = [3]', '3 is not a table'),
    (LEAF + 'parts = [{ name = "a" }, { name = "a" }]', 'one name'),
    ('[[mixtures]]\nname = "mine"', "'mine': 'mine' must have one of"),
    ('[[mixtures]]\nsuites = ["cot"]', "it has no 'name'"),
  ],
)
def test_a_mistake_is_named(text, message):
  with pytest.raises(UserError, match=message):
    read(text, 'mine.toml')


def test_a_users_definitions_come_first_and_refer_to_others(tmp_path):
  file = tmp_path / 'mine.toml'
  file.write_text("""
  [[mixtures]]
  name = "niv2"
  suites = ["cot"]

  [[mixtures]]
  name = "both"
  parts = [
    { name = "a", mixture = "niv2", weight = 3 },
    { name = "b", mixture = "t0_sf" },
  ]
  """)
  both = load('both', [str(file)])
  assert [(p.name, p.weight, p.suites) for p in both.parts] == [
    ('a', 3.0, ('cot',)),
    ('b', 1.0, ('t0_sf',)),
  ]
  assert list(definitions([str(file)]))[:2] == ['niv2', 'both']
  assert load('niv2').suites == ('niv2',)


def test_a_name_in_two_files_of_a_user_is_refused(tmp_path):
  one, other = (str(tmp_path / name) for name in ('one.toml', 'other.toml'))
  for path in (one, other):
    Path(path).write_text(LEAF)
  with pytest.raises(UserError) as error:
    load('mine', [one, other])
  assert str(error.value).startswith(
    f"{one} and {other}: 'mine' is there twice. "
  )
  # The same file may be given twice.
  assert load('mine', [one, one]).suites == ('cot',)


def test_a_name_in_two_shipped_files_is_refused(tmp_path, monkeypatch):
  for name in ('a.toml', 'b.toml'):
    (tmp_path / name).write_text(LEAF)
  monkeypatch.setattr(
    'ul2_flan.mixtures.definition.importlib.resources.files',
    lambda package: tmp_path,
  )
  with pytest.raises(UserError, match=r"^a\.toml and b\.toml: 'mine' is there"):
    # The function itself: what it has read before is kept.
    shipped.__wrapped__()


def test_a_mixture_within_itself_is_refused(tmp_path):
  file = tmp_path / 'mine.toml'
  file.write_text("""
  [[mixtures]]
  name = "a"
  parts = [{ name = "x", mixture = "b" }]

  [[mixtures]]
  name = "b"
  parts = [{ name = "x", mixture = "a" }]
  """)
  with pytest.raises(UserError, match='a > b > a: a mixture within itself'):
    load('a', [str(file)])


def test_unknown_names_and_files_are_said(tmp_path):
  with pytest.raises(UserError, match=r"'flan2022b'\. Did you mean 'flan2022_"):
    load('flan2022b')
  with pytest.raises(UserError, match=r'none\.toml'):
    load('cot', [str(tmp_path / 'none.toml')])
