"""The same rows in all templates of a family."""

import collections
import itertools

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting.in_templates import (
  asked,
  bare,
  catalog_task,
)
from ul2_flan.tasks.rendering import Renderer
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import family_of

SUITE = suites.load('flan_templates')
TASKS = SUITE.tasks.values()
TEMPLATES = sorted({how.template for how in SUITE.variants.values()})


def samples(task: suites.SuiteTask) -> Instances:
  """Instances of a task, with its own labels."""
  of = catalog_task(task)
  rows = [dict(sample) for sample in family_of(of).samples]
  for row in rows:
    if of.labels:
      row |= {'options': of.labels, 'answer': of.labels[0]}
  return Instances.of(rows, range(len(rows)))


@pytest.mark.parametrize('task', TASKS, ids=lambda task: task.key)
def test_all_templates_ask_the_same_questions(task):
  instances = samples(task)
  whole = bare(task, 'test', instances)
  prompts = collections.Counter()
  for number in TEMPLATES:
    questions = asked(task, 'test', instances, number)
    prompts.update(question.text for question in questions)
    for question, known, one in zip(questions, whole, instances, strict=True):
      assert (question.key, question.credits) == (known.key, known.credits)
      right = one['options'].index(one['answer'])
      assert question.credits == tuple(
        float(i == right) for i in range(len(one['options']))
      )
      assert question.answers == (question.options[right],)
      assert len({*question.options}) == len(one['options'])
      # Each is the option, or the mark that the prompt shows before it.
      for said, option in zip(question.options, one['options'], strict=True):
        assert option in said or said in question.text
  assert set(prompts.values()) == {1}


def test_the_words_are_those_of_examples():
  task = SUITE.task('rte')
  instances = samples(task)
  number = 6  # It shows no options, whose style would be another draw.
  renderer = Renderer.of(catalog_task(task), 'zs_noopt', seed=0)
  labels = [form.label for form in renderer.forms(instances).forms]
  made = renderer.render(instances, form=labels.index(f'template {number}'))
  questions = asked(task, 'test', instances, number)
  assert [question.text for question in questions] == made.inputs
  assert [question.answers[0] for question in questions] == made.targets


@pytest.mark.parametrize('key', ['trec', 'piqa'])
def test_options_stand_in_another_order_and_mean_the_same(key):
  task = SUITE.task(key)
  rows = [*samples(task)] * 20
  instances = Instances.of(rows, range(len(rows)))
  orders = [asked(task, 'test', instances, 0, order) for order in range(4)]
  for one, other in itertools.pairwise(orders):
    assert [q.text for q in one] != [q.text for q in other]
    for ours, theirs in zip(one, other, strict=True):
      assert sorted(ours.text) == sorted(theirs.text)
      assert sorted(ours.credits) == sorted(theirs.credits)
  again = asked(task, 'test', instances, 0, 1)
  assert again == orders[1]


def test_a_field_that_rows_lack_is_told():
  task = SUITE.task('bool_q')
  whole = samples(task)
  columns = {f: c for f, c in whole.columns.items() if f != 'title'}
  instances = Instances(whole.keys, columns, whole.choice)
  assert asked(task, 'test', instances, 0)
  with pytest.raises(UserError, match=r'template 1 .* rows lack: title'):
    asked(task, 'test', instances, 1)
  with pytest.raises(UserError, match='has no template 99'):
    asked(task, 'test', instances, 99)


def test_no_question_is_no_error():
  task = SUITE.task('rte')
  none = samples(task).take(np.zeros(0, np.int64))
  assert asked(task, 'test', none, 0, 1) == bare(task, 'test', none) == []


def test_the_suite_has_the_catalogs_tasks_with_options():
  with_options = {
    task.name.partition(':')[2]: task
    for task in catalog.tasks(suite='flan2021')
    if task.options != 'none'
  }
  assert {*with_options} - {*SUITE.tasks} == {'record', 'stsb'}
  for task in TASKS:
    of = with_options[task.key]
    if of.labels:
      assert task.random == pytest.approx(100 / len(of.labels), abs=0.05)
    templates = family_of(of).templates
    asking = [i for i, one in enumerate(templates) if not one.inverted]
    assert asking == [*TEMPLATES]
