"""Prompts of BIG-bench's tasks, beside those of its own code."""

import importlib
from pathlib import Path
import sys
import types
import warnings

import numpy as np
import pytest
from support.evaluation.suite_files import BBES, material

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting import prompter
from ul2_flan.tasks.evaluation.reading import find, material_of

TASKS = suites.load('bbes').tasks


def prompts(made, exemplars: int) -> list[str]:
  ask = prompter(made, 'direct', exemplars=exemplars)
  (questions,) = made.questions.values()
  return [ask(question).text for question in questions]


def test_choices_are_shown_in_an_order_of_their_own():
  made = material('bbes:crass_ai', BBES)
  order = np.random.RandomState(42).permutation(['blue', 'green', 'red'])
  shown = ''.join(f'\n  choice: {choice}' for choice in order)
  assert prompts(made, 0)[0] == f'Say.\nQ: One?{shown}\nA: '


def test_exemplars_are_other_examples_with_one_of_their_answers():
  made = material('bbes:physics_questions', BBES)
  (questions,) = made.questions.values()
  asked = {q.text: q for q in questions}
  for question, text in zip(questions, prompts(made, 2), strict=True):
    *shown, last = text.split('#')
    assert last == f'{question.text}>'
    assert len(shown) == 2
    for exemplar in shown:
      ask, _, answer = exemplar.partition('>')
      assert ask != question.text
      assert answer in asked[ask].answers


def test_fewer_exemplars_where_a_prompt_is_too_long():
  made = material('bbes:physics_questions', BBES)
  (questions,) = made.questions.values()
  prompt = prompter(made, 'direct', exemplars=2)(
    questions[1], lambda text: text.count('#') < 2
  )
  assert (prompt.exemplars, prompt.dropped) == (1, 1)


def test_too_few_examples():
  made = material('bbes:physics_questions', BBES)
  with pytest.raises(
    UserError, match='has 4 examples, too few for 4 exemplars'
  ):
    prompter(made, 'direct', exemplars=4)


@pytest.fixture(scope='module')
def big_bench():
  """BIG-bench's own code, if it can be imported."""
  # Its lists of tasks and its metrics import packages that formatting does not.
  stubs = ('bigbench.benchmark_tasks', 'bigbench.api.task_metrics')
  with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
    warnings.simplefilter('ignore')
    for name in stubs:
      patch.setitem(sys.modules, name, types.ModuleType(name))
    try:
      return importlib.import_module('bigbench.api.json_task')
    except ImportError as e:
      pytest.skip(f'bigbench cannot be imported: {e}')


@pytest.mark.parametrize('task', TASKS)
def test_prompts_are_big_benchs_own(task, big_bench, shared_data: Path):
  folder = shared_data / 'eval/bigbench'
  paths = [str(path) for path in folder.rglob('task.json')]
  (found,) = [f for f in find(suites.load('bbes'), paths) if f.key == task]
  made = material_of(TASKS[task], [(found, Path(found.path).read_bytes())])
  (questions,) = made.questions.values()
  for exemplars in (0, 1, 5):
    theirs = big_bench.JsonTask(found.path, [exemplars])
    samples = big_bench.make_nshot_dataset(
      theirs._ds,
      exemplars,
      random_seed=42,
      separator=theirs.few_shot_example_separator,
      max_examples=theirs.num_examples,
    )
    expected = {theirs.task_prefix + sample['input'] for sample in samples}
    assert {*prompts(made, exemplars)} == expected
    if TASKS[task].ranked:
      choices = [tuple(sample['choice']) for sample in theirs._ds]
      assert [question.options for question in questions] == choices
