"""A part's tasks are chosen by suite, pattern and what is left out."""

import pytest

from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.selection import Selection, matches
from ul2_flan.mixtures.stock import catalog_tasks
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

NIV2 = Part(name='m', suites=('niv2',))
MMLU = 'niv2:task685_mmmlu_answer_generation_clinical_knowledge'


def chosen(part: Part = NIV2, **choice) -> set[str]:
  tasks = Selection(catalog_tasks(), **choice).tasks_of(part)
  return {task.name for task in tasks}


def test_a_suite_is_chosen_without_what_the_collection_leaves_out():
  assert chosen() == {t.name for t in catalog.tasks(suite='niv2')}
  assert len(chosen()) == 1556


def test_patterns_choose_within_suites_or_among_all():
  assert chosen(Part(name='m', tasks=('*:bool_q',))) == {'flan2021:bool_q'}
  assert not chosen(Part(name='m', suites=('cot',), tasks=('*:bool_q',)))


def test_a_suite_that_nobody_has_is_named():
  with pytest.raises(UserError, match=r"suite of 'm' 'nvi2'\. .*'niv2'"):
    chosen(Part(name='m', suites=('nvi2',)))


def test_inverted_tasks_are_chosen_or_not():
  by = {
    inverted: chosen(Part(name='m', suites=('cot',), inverted=inverted))
    for inverted in (True, False, None)
  }
  assert (len(by[True]), len(by[False])) == (27, 9)
  assert by[True] | by[False] == by[None]


@pytest.mark.parametrize(('include', 'more'), [('mmlu_related', 57), (MMLU, 1)])
def test_what_is_left_out_is_in_by_reason_or_by_name(include, more):
  """Whether the user says so or the definition."""
  wider = chosen(include=[include])
  assert wider > chosen()
  assert len(wider - chosen()) == more
  assert MMLU in wider
  assert wider == chosen(Part(name='m', suites=('niv2',), include=(include,)))


def test_more_can_be_held_out_by_task_or_category():
  left = chosen(exclude=['*translation*', 'niv2:task001_*'])
  gone = chosen() - left
  assert 'niv2:task001_quoref_question_generation' in gone
  assert any('Translation' in catalog.load(t).category for t in gone)
  assert not any(
    'translation' in catalog.load(t).category.lower() for t in left
  )
  without = Part(
    name='m', suites=('niv2',), without=('*translation*', 'niv2:task001_*')
  )
  assert chosen(without) == left


def test_to_hold_out_counts_more_than_to_include():
  assert MMLU not in chosen(include=['mmlu_related'], exclude=[MMLU])


@pytest.mark.parametrize('key', ['include', 'exclude'])
def test_a_pattern_of_nothing_is_refused(key):
  with pytest.raises(
    UserError, match=f'to --{key} .mmlu-related.*mmlu_related'
  ):
    Selection(catalog_tasks(), **{key: ['mmlu-related']})


def test_a_pattern_is_that_of_a_whole_name_or_category():
  task = catalog.load('cot:gsm8k')
  assert matches(task, ['cot:*'])
  assert matches(task, [task.category.upper()])
  assert not matches(task, ['gsm8k'])
  assert not matches(task, ['COT:*'])
  assert not matches(task, [])
