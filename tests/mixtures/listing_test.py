"""Mixtures as text: short where much is alike."""

from support.collection_runs import flan_run

from ul2_flan.mixtures.definition import load, read
from ul2_flan.mixtures.listing import every_member, listing, outline, summary
from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.tasks import catalog


def cot(**more) -> Part:
  return Part(name='m', description='a few', suites=('cot',), **more)


def words(part: Part) -> str:
  """What its outline says of a leaf, without its name."""
  *_, line = outline(part)
  return line.removeprefix('m').strip()


def test_names_and_descriptions_are_in_columns():
  assert list(listing({'m': cot(), 'longer': cot()})) == [
    'mixture  of',
    'm        a few',
    'longer   a few',
  ]


def test_a_leaf_says_what_it_selects():
  assert words(cot()) == "cot; the tasks' caps; 50% few-shot"
  assert words(
    cot(
      tasks=('*gsm8k*',),
      without=('x', 'y'),
      inverted=False,
      cap=3000,
      temperature=2.0,
      few_shot=0.1,
      no_options=0.5,
      reasoning='direct',
    )
  ) == (
    'cot; *gsm8k*; without x, y; not inverted; cap 3,000; temperature 2; '
    '10% few-shot; 50% without options; direct'
  )
  assert 'no caps' in words(cot(cap=0))
  assert 'inverted only' in words(cot(inverted=True))


def test_parts_have_shares_and_tables_their_denoisers():
  lines = list(outline(load('ul2r_flan2022')))
  assert any('50.00% of tokens' in line for line in lines)
  assert any(line.split()[:2] == ['s_50', '50.00%'] for line in lines)
  # Two spaces for each level.
  assert any(line.startswith('    muffin ') for line in lines)


def test_a_summary_adds_up_and_names_what_ends_first():
  run = flan_run(tasks=[catalog.load('cot:gsm8k'), catalog.load('cot:aqua')])
  resolved = resolve(cot(), [run])
  lines = list(summary(resolved, 0))
  header, group, everything = (line.split() for line in lines[:3])
  assert header[:2] == ['part', 'tasks']
  assert group[:2] == ['m:', 'cot']
  assert group[2:] == everything[1:]
  assert '100.00%' in everything
  assert any('none is seen twice up to' in line for line in lines)
  # 34 other tasks are missing in both settings: one line.
  assert lines[-1].startswith('missing in m: 34 in zs_opt, fs_opt (cot:')
  assert lines[-1].endswith(', …)')


def test_every_member_has_a_line_and_so_has_all_that_is_missing():
  run = flan_run(tasks=[catalog.load('cot:gsm8k')], settings=['zs_opt'])
  resolved = resolve(cot(inverted=False), [run])
  _, member, *missing = every_member(resolved, 7473 * 2)
  assert member.split()[0] == 'flan:cot:gsm8k:zs_opt'
  assert member.split()[-1] == '2.00'
  assert missing[0] == 'missing in m: * fs_opt'
  assert len(missing) == 1 + 8


def test_a_suite_is_not_said_twice():
  text = """
  [[mixtures]]
  name = "m"
  parts = [{ name = "cot", suites = ["cot"] }, { name = "x", suites = ["cot"] }]
  """
  run = flan_run(tasks=[catalog.load('cot:gsm8k')])
  lines = list(summary(resolve(read(text, 'm')['m'], [run]), 0))
  assert lines[1].startswith('cot + x: cot ')
