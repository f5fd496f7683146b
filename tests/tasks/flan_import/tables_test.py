"""Tables are read from Python files, and nothing in these files is run."""

from pathlib import Path

import pytest
from support.flan_checkout import V2, write_checkout

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.flan_import.tables import read_tables

FILE = 'flan/v2/templates.py'


def test_pairs_and_calls_are_entries_with_their_lines() -> None:
  tables = read_tables(V2, FILE, ['PATTERNS', 'FEWSHOT_PATTERNS'])
  entry = tables['PATTERNS']['rte'][2]
  assert entry.where == f'{FILE}, line 9'
  # Python joins strings that stand side by side.
  assert entry.text('inputs') == '{premise} { or } {hypothesis}?'
  first, second = tables['FEWSHOT_PATTERNS']['rte']
  assert first.text('example_separator') == '\n==\n'
  # What a call does not give, it has from its class.
  assert second.text('example_separator') == '\n\n\n'
  assert second.text('no_such_argument') == ''


def test_a_list_may_have_a_second_name() -> None:
  patterns = read_tables(V2, FILE, ['PATTERNS'])['PATTERNS']
  assert patterns['cot_input_inversion_gsm8k'] is patterns['cot_stream']


def test_an_argument_that_is_no_text_is_an_error() -> None:
  tables = read_tables('A = {"x": [("in", 3)]}', 'a.py', ['A'])
  (entry,) = tables['A']['x']
  with pytest.raises(UserError, match=r'a\.py, line 1: targets is 3, not text'):
    entry.text('targets')


def test_a_missing_table_is_an_error() -> None:
  with pytest.raises(UserError, match=r'a\.py: it has no table B'):
    read_tables('A = {}', 'a.py', ['A', 'B'])


@pytest.mark.parametrize(
  'statement',
  [
    'A.update(B)',
    'A["x"].append(("a", "b"))',
    'for A in B: pass',
    'del A["x"]',
    'def f():\n  A["x"] = 1',
  ],
)
def test_a_table_that_code_changes_is_refused(statement: str) -> None:
  with pytest.raises(UserError, match='changes a table by more than its'):
    read_tables(f'A = {{}}\n{statement}', 'a.py', ['A'])


def test_code_that_only_reads_a_table_is_passed_over() -> None:
  text = 'A = {}\nB = dict(A)\nB.update(A)\nfor x in A.items(): print(x)\n'
  assert read_tables(text, 'a.py', ['A']) == {'A': {}}


@pytest.mark.parametrize(
  ('old', 'new', 'line', 'words'),
  [
    ('("Invent a pair."', '("Invent" + NAME', 10, 'not a literal'),
    ('"anli": [("', '"anli": f() or [("', 13, 'not a literal list'),
    (
      'PATTERNS["cot_input',
      'PATTERNS.pop("rte")\nPATTERNS["cot_input',
      24,
      'changes',
    ),
    ('"cot_stream"]\n', '"cot_steam"]\n', 24, "no 'cot_steam'"),
    ('FEWSHOT_PATTERNS = {', 'FEWSHOT_PATTERNS = dict() or {', 47, 'not a'),
    ('inputs="{input}", ', '**open("x"), ', 58, 'with named arguments'),
    ('PATTERNS = {', 'PATTERNS = {)', 5, 'not Python'),
  ],
)
def test_what_is_not_literal_is_an_error_with_its_line(
  tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
  assert old in V2
  checkout = write_checkout(tmp_path, V2.replace(old, new, 1))
  with pytest.raises(UserError) as e:
    list(import_templates(checkout, str(tmp_path / 'out')))
  assert f'flan/v2/templates.py, line {line}: ' in str(e.value)
  assert words in str(e.value)
  assert not (tmp_path / 'out').exists()


def test_nothing_in_a_checkout_is_run(tmp_path: Path) -> None:
  ran = tmp_path / 'ran'
  code = f'open({str(ran)!r}, "w")\n'
  checkout = write_checkout(tmp_path, code + V2)
  list(import_templates(checkout, str(tmp_path / 'out')))
  assert not ran.exists()
