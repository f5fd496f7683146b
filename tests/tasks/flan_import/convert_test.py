"""A pattern gives each of our tasks what it can use, and says why not more."""

from pathlib import Path

import pytest
from support.flan_checkout import V2, write_checkout

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.convert import Converted, Tables, convert
from ul2_flan.tasks.flan_import.patterns import patterns


@pytest.fixture(scope='module')
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
  folder = tmp_path_factory.mktemp('flan')
  return Tables.read(Path(write_checkout(folder)))


def converted(tables: Tables, name: str, target: str) -> Converted:
  return convert(name, patterns()[name], target, tables)


def test_the_templates_of_2021_are_for_settings_without_options(
  tables: Tables,
) -> None:
  assert tables.left_out['rte'] is not tables.shown['rte']
  # Patterns that 2021 did not have are the same in both.
  assert tables.left_out['anli'] is tables.shown['anli']


def test_the_same_text_twice_is_one_template(tmp_path: Path) -> None:
  line = '        ("Invent a pair.", "{premise} => {hypothesis}"),\n'
  twice = Tables.read(
    Path(write_checkout(tmp_path, V2.replace(line, 2 * line)))
  )
  found = converted(twice, 'rte', 'flan2021:rte').templates
  assert len(found) == len(set(found)) == 5


def test_an_entry_that_cannot_be_converted_is_noted(tables: Tables) -> None:
  found = converted(tables, 'newsroom', 'flan2021:newsroom')
  assert not found.templates
  ((why, places),) = found.why_not.items()
  assert why == "instances have no 'byline'"
  # In the table with options and, being the same, in that without.
  assert set(places) == {'flan/v2/templates.py, line 14'}


def test_a_sorted_pattern_is_divided_among_tasks(tables: Tables) -> None:
  name = 'cot_input_inversion_gsm8k'
  found = converted(tables, name, 'cot:gsm8k_explanation')
  assert [t.targets for t in found.templates] == ['{rationale}']
  assert {t.targets for t in found.elsewhere} == {
    '{question} {answer}',
    '{question} {rationale}',
  }


def test_a_folder_without_the_files_is_no_checkout(tmp_path: Path) -> None:
  with pytest.raises(UserError, match=r'it has no flan/v2/templates\.py'):
    Tables.read(tmp_path)
