"""A sheet that shows a task by example, for people who write templates."""

from collections.abc import Iterator
import dataclasses

from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.own_templates import OwnTemplates
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting
from ul2_flan.tasks.rendering.templates.template import TK_INSTRUCT

# Stands before targets, to people; no template and no layout has it.
MARK = '▸ '


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
  """Instances to show in place of the family's samples.

  Attributes:
    instances: the ones that are shown.
    pool: their exemplars.
    origin: the file, or the family, that they are from.
  """

  instances: Instances
  pool: Pool
  origin: str


def sheet(
  task: Task,
  *,
  seed: int = 0,
  own_templates: OwnTemplates | None = None,
  sample: Sample | None = None,
) -> Iterator[str]:
  """Yields lines: the fields, every template, and an example in every setting.

  Imported templates have one more in every setting, in FLAN's own styles.

  Args:
    task: the task to show.
    seed: for all that is drawn.
    own_templates: the user's.
    sample: instances of the task; by default the samples of its family.
  """
  own_templates = own_templates or OwnTemplates()
  family = own_templates.family(task)
  task = family.task(task)
  yield from _fields(family)
  yield from _templates(family)
  if sample:
    yield f'\nIn every setting, with rows of {sample.origin}:'
  else:
    yield (
      "\nIn every setting, with rows that are the family's and not the task's. "
      'With its own:\n  python -m ul2_flan.pipelines.show '
      f'{task.name} --source {task.suite}=DIR'
    )
    sample = Sample(*samples(task, family), family.name)
  renderer = Renderer(task=task, family=family, setting=SETTINGS[0], seed=seed)
  for setting in _settings(family):
    yield from _examples(dataclasses.replace(renderer, setting=setting), sample)
  released = own_templates.released if family.rows else None
  if released:
    yield '\nWith --as_released:'
    for setting in _settings(family):
      if setting.options or task.suite not in released.options_only:
        renderer = dataclasses.replace(
          renderer, setting=setting, released=released
        )
        yield from _examples(renderer, sample)


def _settings(family: Family) -> Iterator[Setting]:
  """Yields the settings that a family may have templates for."""
  for setting in SETTINGS:
    if setting.reasoning == TK_INSTRUCT:
      if any(TK_INSTRUCT in t.settings for t in family.templates):
        yield setting
    elif family.reasoning or not setting.reasoning:
      yield setting


def _fields(family: Family) -> Iterator[str]:
  """Yields the family's description, and what its fields hold."""
  yield f'\nFamily {family.name}: {family.description}'
  width = max(map(len, family.fields))
  for field, meaning in family.fields.items():
    yield f'  {field:{width}}  {meaning}'


def _templates(family: Family) -> Iterator[str]:
  """Yields every template, as its file writes it."""
  for number, template in enumerate(family.templates):
    flags = [
      *['inverted'] * template.inverted,
      *['with reasoning'] * template.reasoning,
      *['options needed'] * bool(template.options),
    ]
    yield f'\n{_ruled(f"template {number}", *flags, *template.settings)}'
    yield template.inputs
    yield MARK + template.targets
  for number, few_shot in enumerate(family.few_shot):
    flags = ['with reasoning'] * few_shot.reasoning
    yield f'\n{_ruled(f"few_shot {number}", *flags, *few_shot.settings)}'
    if few_shot.instruction:
      yield f'{few_shot.instruction}\n...'
    yield few_shot.input_prefix + few_shot.inputs
    yield MARK + few_shot.target_prefix + few_shot.targets


def samples(task: Task, family: Family) -> tuple[Instances, Pool]:
  """Returns a sample of the family as a block of one, and others as a pool.

  They are the samples that fit the task: its language is theirs, and its labels
  are their options.
  """
  fitting = [
    sample
    for sample in family.samples
    if all(sample.get(f, v) == v for f, v in task.constants.items())
  ]
  if len(fitting) < 2:
    # A user's own templates need not have a sample in every language.
    fitting = [*family.samples]
  if family.has_options and task.labels:
    labelled = [s for s in fitting if s['answer'] in task.labels]
    fitting = [{**s, 'options': task.labels} for s in labelled] or fitting
  # The keys are made up; all draws of the sheet depend on them.
  first, *others = fitting
  pool = Instances.of(others, range(2, len(others) + 2))
  return Instances.of([first], [1]), Pool.of(family, pool)


def _examples(renderer: Renderer, sample: Sample) -> Iterator[str]:
  """Yields the examples of a setting, with a heading for each."""
  setting = renderer.setting
  try:
    rendered = renderer.render(sample.instances, sample.pool, draws=True)
  except UserError:
    # A user's own templates need not have some for every setting.
    yield f'\n{_ruled(str(setting), "no template")}'
    return
  for label, inputs, targets in zip(
    rendered.draws['template'], rendered.inputs, rendered.targets, strict=True
  ):
    yield f'\n{_ruled(str(setting), label)}'
    yield inputs
    yield MARK + targets
  for reason, rejected in rendered.rejects.items():
    yield f'\n{_ruled(str(setting), f"{len(rejected)} left out: {reason}")}'


def _ruled(title: str, *notes: str) -> str:
  """Returns a heading, ruled to a line's length."""
  line = ', '.join([title, *notes])
  return f'--- {line} '.ljust(78, '-')
