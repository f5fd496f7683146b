"""A flag fills the field of its name; defaults stand in one place."""

import dataclasses
from typing import Any

import pytest

from ul2_flan.pipelines.launch.flags import FlagGroup, make_parser, values_of
from ul2_flan.tasks.flags import Flag


@dataclasses.dataclass(kw_only=True)
class Cat:
  name: str
  colours: list[str]
  lives: int = 9
  size: tuple[int, ...] = (1, 2)
  purrs: bool = False
  sound: str = ''
  toys: list[str] = dataclasses.field(default_factory=lambda: ['ball'])


@dataclasses.dataclass
class House:
  rooms: int = 3


CAT = FlagGroup(
  'the cat',
  (
    Flag('name', 'what it is called', 'NAME'),
    Flag('lives', 'how many (%(default)s)', 'N', int),
    Flag('colour', 'may be given again', 'C', many='append', field='colours'),
    Flag('size', 'from and to', ('LOW', 'HIGH'), int, many=2),
    Flag('purrs', 'whether it does'),
    Flag('sound', 'what it says', choices=('meow', 'hiss')),
    Flag('toys', 'what it has', 'TOY', many='+'),
  ),
  Cat,
)
HOUSE = FlagGroup('the house', (Flag('rooms', 'of it', 'N', int),), House)
GROUPS = (CAT, HOUSE)


def parse(*argv: str) -> dict[str, Any]:
  return vars(make_parser('cats', 'About', 'End', GROUPS).parse_args(argv))


def test_without_flags_fields_have_their_defaults():
  given = parse('--name=a', '--colour=red')
  cat = Cat(**values_of(GROUPS, Cat, given))
  assert cat == Cat(name='a', colours=['red'])
  assert House(**values_of(GROUPS, House, given)) == House()


def test_flags_fill_their_fields():
  given = parse(
    *('--name=a', '--lives=7', '--colour=red', '--colour=grey', '--purrs'),
    *('--size', '3', '4', '--sound=hiss', '--toys', 'x', 'y', '--rooms=1'),
  )
  assert values_of(GROUPS, Cat, given) == {
    'name': 'a',
    'lives': 7,
    'colours': ['red', 'grey'],
    'size': [3, 4],
    'purrs': True,
    'sound': 'hiss',
    'toys': ['x', 'y'],
  }
  assert values_of(GROUPS, House, given) == {'rooms': 1}


@pytest.mark.parametrize(
  ('argv', 'message'),
  [
    ((), 'the following arguments are required: --name, --colour'),
    (('--lives=x',), "argument --lives: invalid int value: 'x'"),
    (('--sound=moo',), "argument --sound: invalid choice: 'moo'"),
    (('--size', '1'), 'argument --size: expected 2 arguments'),
    (('--name=a', '--colour=c', '--nam=b'), 'unrecognized arguments: --nam=b'),
  ],
)
def test_a_mistake_is_a_line_that_names_the_flag(argv, message: str, capsys):
  with pytest.raises(SystemExit, match='2'):
    parse(*argv)
  said = capsys.readouterr().err
  assert said.startswith(f'error: {message}')
  assert said.endswith('. See `cats --help`\n')
  assert said.count('\n') == 1


def test_help_has_each_heading_and_default(capsys):
  with pytest.raises(SystemExit, match='0'):
    parse('--help')
  said = capsys.readouterr().out
  for text in ('About', 'the cat:', 'how many (9)', 'LOW HIGH', 'End'):
    assert text in said


def test_a_flag_of_no_field_is_a_mistake_of_ours():
  with pytest.raises(AttributeError, match='House has no field doors'):
    HOUSE.default(Flag('doors', '', 'N'))
