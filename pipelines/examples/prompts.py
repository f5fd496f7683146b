"""Shows templates by example, with the parts of few-shot prompts told apart.

The instances are the samples of a family, which its authors made up: a run
keeps no rows. Everything else is as in the run: the templates, the user's own
included, and the code that puts them together.
"""

from collections.abc import Iterator, Mapping
import dataclasses

from ul2_flan.pipelines.examples.kinds import held, task_of
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.rendering import ExemplarCount, OwnTemplates, Renderer
from ul2_flan.tasks.rendering.sheet import samples
from ul2_flan.tasks.rendering.templates.setting import Setting

# Two show how exemplars follow one another.
_EXEMPLARS = ExemplarCount(2, 2)


@dataclasses.dataclass(frozen=True, slots=True)
class Prompt:
  """A template, filled.

  Attributes:
    template: its label, such as 'few_shot 0'.
    setting: in which it is shown.
    uses: how many examples of the run it made, in settings of this kind; few-
      or zero-shot.
    parts: of the inputs: 'instruction', 'exemplar' or 'question', and a text.
    target: what the model is to write.
  """

  template: str
  setting: str
  uses: int
  parts: tuple[tuple[str, str], ...]
  target: str


@dataclasses.dataclass(frozen=True, slots=True)
class FamilyUse:
  """A family of templates in a run.

  Attributes:
    name: of the family.
    about: what it asks, in a sentence.
    tasks: how many tasks use it.
    prompts: one for each template that made an example.
  """

  name: str
  about: str
  tasks: int
  prompts: tuple[Prompt, ...]


def families(manifest: Manifest) -> Iterator[FamilyUse]:
  """Yields the families of a run, with the templates that it used."""
  config = manifest.run['config']
  if 'settings' not in config or 'templates' not in config:
    return
  own = OwnTemplates.of(config['templates'])
  by_family: dict[str, dict[str, Task]] = {}
  # Family -> setting -> template -> uses.
  uses: dict[str, dict[str, dict[str, int]]] = {}
  counts: Mapping[str, Mapping[str, int]] = manifest.run.get('counts', {})
  for data_set in manifest.data_sets:
    is_of = held(data_set)
    task = task_of(is_of.task, manifest)
    if task is None:
      continue
    by_family.setdefault(task.family, {})[task.name] = task
    of_setting = uses.setdefault(task.family, {}).setdefault(is_of.setting, {})
    for name, n in counts.get(data_set, {}).items():
      head, _, label = name.partition('/')
      if head == 'wordings':
        of_setting[label] = of_setting.get(label, 0) + n
  for name, tasks in sorted(by_family.items()):
    # The first task stands for the others.
    task = next(iter(tasks.values()))
    family = own.family(task)
    as_released = config.get('as_released', False)
    prompts = tuple(_prompts(task, own, uses[name], as_released))
    yield FamilyUse(name, family.description, len(tasks), prompts)


def _prompts(
  task: Task,
  own: OwnTemplates,
  uses: Mapping[str, Mapping[str, int]],
  as_released: bool,
) -> Iterator[Prompt]:
  """Yields a prompt for each template: zero-shot ones, then few-shot ones.

  Exemplars may also look like zero-shot examples, each with the instruction: of
  these one stands for all.
  """
  for few_shot in (False, True):
    shown: dict[str, Prompt] = {}
    of_kind = [s for s in sorted(uses) if Setting.parse(s).few_shot == few_shot]
    # With options first: a setting without them shows the rest.
    for name in sorted(of_kind, key=lambda s: 'noopt' in s):
      for label, prompt in _in_setting(task, own, name, as_released):
        kind = label.partition(' ')[0]
        alike = kind if few_shot and kind == 'template' else label
        total = sum(uses[s].get(label, 0) for s in of_kind)
        if alike not in shown and total:
          shown[alike] = dataclasses.replace(prompt, uses=total)
    # 'template 2' before 'template 10'.
    yield from sorted(
      shown.values(), key=lambda p: (len(p.template), p.template)
    )


def _in_setting(
  task: Task, own: OwnTemplates, name: str, as_released: bool
) -> Iterator[tuple[str, Prompt]]:
  setting = Setting.parse(name)
  family = own.family(task)
  renderer = Renderer.of(
    task,
    setting,
    own,
    seed=0,
    exemplar_count=_EXEMPLARS,
    as_released=as_released,
  )
  instances, pool = samples(task, family)
  fields = instances.as_source(family.as_source)
  try:
    forms = renderer.forms(fields, pool if setting.few_shot else None).forms
  except UserError:
    return  # the samples do not fit, as those of a user's own templates may
  for number, form in enumerate(forms):
    rendered = renderer.render(
      instances, pool if setting.few_shot else None, parts=True, form=number
    )
    if len(rendered):
      parts = rendered.draws.get('parts', [[('question', rendered.inputs[0])]])
      target = rendered.targets[0]
      yield form.label, Prompt(form.label, name, 0, tuple(parts[0]), target)
