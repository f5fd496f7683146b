"""Questions of the catalog's tasks, asked in one template of their family.

The same rows are asked in each template. Nothing else differs between two of
these: an instance draws how its options are marked once for all templates, and
in which order those of a task with labels stand.
"""

from collections.abc import Iterator
import dataclasses

import numpy as np

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading.orders import places
from ul2_flan.tasks.evaluation.reading.question import Question
from ul2_flan.tasks.evaluation.suites import SuiteTask, load
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import Family, family_of
from ul2_flan.tasks.rendering.templates.form import Form, compile_form

# No score may depend on it.
_SEED = 0


def catalog_task(task: SuiteTask) -> catalog.Task:
  """Returns the catalog's task of which a suite asks the questions."""
  return catalog.load(f'{load(task.suite).catalog}:{task.key}')


def bare(task: SuiteTask, split: str, instances: Instances) -> list[Question]:
  """Makes questions without a template's words, by which all are known.

  Args:
    task: of a suite that asks the catalog's tasks.
    split: the split that the instances are of.
    instances: n instances with options; their places are the questions' ids.
  """
  family = family_of(catalog_task(task))
  asked = [
    field
    for field in family.input
    if field in instances.columns and field not in ('options', family.trim)
  ]
  return [
    _question(
      *(task, split, number, instances),
      '\n'.join(one[field] for field in asked),
      one['options'],
      passage=one.get(family.trim, ''),
    )
    for number, one in enumerate(instances)
  ]


def asked(
  task: SuiteTask,
  split: str,
  instances: Instances,
  template: int,
  order: int = 0,
) -> list[Question]:
  """Asks questions in a template; their options are what a model may answer.

  A template shows options if it has a place for them; answers then have their
  form, as in training.

  Args:
    task: as in `bare`.
    split: likewise.
    instances: likewise.
    template: the number of one that asks for the answer, in the family.
    order: 0 for the order of options that examples of a run have; else the
      number of another.

  Raises:
    UserError: the family has no such template, or the instances lack a field
      of it.
  """
  of = catalog_task(task)
  family = family_of(of)
  form = _form(family, template, instances)
  instances = instances.as_source(family.as_source)
  if order:
    instances = _reordered(task, instances, order)
  drawn = DrawnInstances(
    instances=instances,
    forms=[form],
    chosen=np.zeros(len(instances), np.int64),
    styles=DrawnStyles.draw(instances, seed=_SEED, purpose=task.name),
    # Labels would be put in an order that is drawn.
    option_kind='choices' if order else of.options,
  )
  texts, _ = drawn.fill_own()
  answers: list[list[str]] = [[] for _ in texts]
  for chosen, having in _each_choice(instances):
    _, forms = dataclasses.replace(drawn, instances=chosen).fill_own()
    for i in having:
      answers[i].append(forms[i])
  return [
    _question(task, split, i, instances, text, tuple(answers[i]))
    for i, text in enumerate(texts)
  ]


def _form(family: Family, number: int, instances: Instances) -> Form:
  """Compiles a template for instances, with options if it shows these."""
  if number >= len(family.templates):
    raise UserError(f"the family '{family.name}' has no template {number}")
  template = family.templates[number]
  if lacking := sorted(template.fields - {*instances.columns}):
    raise UserError(
      f"template {number} of the family '{family.name}' needs a field that the "
      f'rows lack: {", ".join(lacking)}'
    )
  return compile_form(
    f'template {number}',
    template,
    options='{options}' in template.inputs,
    foreign=False,
    code=family.code,
  )


def _each_choice(instances: Instances) -> Iterator[tuple[Instances, list[int]]]:
  """Yields the instances with option 0, 1, ... as answer, and who has one."""
  options = instances.columns['options']
  for choice in range(max(map(len, options), default=0)):
    having = [i for i, of in enumerate(options) if choice < len(of)]
    # Those that have fewer options get their last one, which nobody asks for.
    chosen = [min(choice, len(of) - 1) for of in options]
    answers = [of[k] for of, k in zip(options, chosen, strict=True)]
    yield (
      dataclasses.replace(
        instances,
        columns={**instances.columns, 'answer': answers},
        choice=np.array(chosen, np.int64),
      ),
      having,
    )


def _reordered(task: SuiteTask, instances: Instances, order: int) -> Instances:
  """Puts the options of each instance in another order."""
  assert instances.choice is not None
  options, choice = [], []
  for i, (of, right) in enumerate(
    zip(instances.columns['options'], instances.choice.tolist(), strict=True)
  ):
    at = places(task.name, str(i), len(of), order)
    options.append(tuple(of[place] for place in at))
    choice.append(at.index(right))
  return dataclasses.replace(
    instances,
    columns={**instances.columns, 'options': options},
    choice=np.array(choice, np.int64),
  )


def _question(
  task: SuiteTask,
  split: str,
  number: int,
  instances: Instances,
  text: str,
  options: tuple[str, ...],
  passage: str = '',
) -> Question:
  assert instances.choice is not None
  right = int(instances.choice[number])
  return Question(
    task=task.name,
    split=split,
    id=str(number),
    text=text,
    answers=(options[right],),
    options=options,
    passage=passage,
    credits=tuple(float(i == right) for i in range(len(options))),
  )
