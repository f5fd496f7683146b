"""Every task says where its data are, or why they are nowhere."""

import re

import pytest

from ul2_flan.tasks import catalog, shipped
from ul2_flan.tasks.catalog import facts
from ul2_flan.tasks.errors import UserError

ALL = [facts.facts_of(task) for task in catalog.tasks(left_out=True)]


def test_every_record_says_how_to_get_the_data_or_what_to_do_instead():
  for one in [*ALL, *facts.of_evaluation()]:
    assert one.available == bool(one.place)
    # Nobody is left without a hint, and no hole in a pattern is left.
    assert one.available or one.note
    assert '{' not in one.place + one.files + one.instruction
    assert one.page == facts.UNKNOWN or re.match('https?://', one.page)
    if one.how == 'tfds':  # what its command builds
      assert re.fullmatch(r'[\w/.-]+:\d+\.\d+\.\d+', one.place)
    assert bool(one.licence_source) == (one.licence != facts.UNKNOWN)


def test_the_facts_of_a_task_are_its_licence():
  for task, one in zip(catalog.tasks(left_out=True), ALL, strict=True):
    assert (task.licence or facts.UNKNOWN) == one.licence


def test_every_line_of_the_tables_is_of_a_task_or_of_a_data_set():
  tasks = list(catalog.tasks(left_out=True))
  names = {task.name for task in tasks}
  sets = {(task.suite, task.dataset) for task in tasks}
  header, *lines = shipped.text('catalog/facts.tsv').splitlines()
  for line in lines:
    row = dict(zip(header.split('\t'), line.split('\t'), strict=True))
    if row['task']:
      assert f'{row["suite"]}:{row["task"]}' in names
    else:
      assert (row['suite'], row['dataset']) in sets
  table = shipped.table('catalog/places.toml')
  assert table['tasks'].keys() <= names
  assert table['suites'].keys() == {
    *catalog.suites(), *facts._EVALUATION
  }  # fmt: skip


@pytest.mark.parametrize(
  ('task', 'like'),
  [
    ('cot:gsm8k_explanation', 'cot:gsm8k'),
    ('dialog:qrecc_inverted', 'dialog:qrecc'),
  ],
)
def test_an_inverted_task_has_the_data_of_another(task: str, like: str):
  inverted = [t for t in catalog.tasks(inverted=True) if t.name == task]
  for one in inverted:
    of, other = facts.facts_of(one), facts.facts_of(catalog.load(like))
    assert (of.place, of.files, of.page) == (
      other.place, other.files, other.page
    )  # fmt: skip


def test_a_file_that_states_its_licence_goes_before_its_data_set():
  task = catalog.load('niv2:task048_multirc_question_generation')
  source = facts.facts_of(task).licence_source
  assert source == 'Instance License of task048_multirc_question_generation'


def test_a_data_set_states_its_licence_where_the_task_says_unknown():
  task = catalog.load('niv2:task861_asdiv_addsub_question_answering')
  assert facts.facts_of(task).licence == 'CC-BY-NC-4.0'
  # Its rows are of another one than the collection's list names.
  task = catalog.load('niv2:task867_mawps_multiop_question_answering')
  assert facts.facts_of(task).licence == facts.UNKNOWN


def test_most_licences_are_known():
  """The figures of the catalog's README."""
  known = [t for t in catalog.tasks() if t.licence]
  assert len(known) == 1647


@pytest.mark.parametrize(
  ('fields', 'message'),
  [
    ({'how': 'git'}, "'git' with place ''"),
    ({'how': 'mail'}, "unknown how 'mail'"),
    ({'licence': 'MIT'}, "the licence MIT by ''"),
    ({'licence_source': 'me'}, "the licence unknown by 'me'"),
  ],
)
def test_facts_check_themselves(fields, message: str):
  with pytest.raises(UserError, match=message):
    facts.Facts(task='x', **fields)
