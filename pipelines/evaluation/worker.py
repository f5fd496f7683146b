"""Does the work of an evaluation run: a part is a task in all its variants."""

from collections.abc import Iterator, Sequence

from ul2_flan.pipelines.evaluation.columns import DataSet
from ul2_flan.pipelines.evaluation.encode import Encoder
from ul2_flan.pipelines.evaluation.find_suites import read_material, task_of
from ul2_flan.pipelines.run import Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting import (
  TEMPLATES,
  Prompter,
  in_templates,
  prompter,
)
from ul2_flan.tasks.evaluation.reading import Material, Question
from ul2_flan.tasks.evaluation.reading.orders import reordered


def prompter_of(
  material: Material, variant: str, template: str, exemplars: int | None = None
) -> Prompter:
  """Returns what makes a task's prompts, in a template if it has that.

  Raises:
    UserError: the task's files lack what the prompts are made of.
  """
  known = TEMPLATES.get((material.task.suite, variant), ())
  given = {'template': template} if template in known else {}
  return prompter(material, variant, exemplars=exemplars, **given)


def asked(
  material: Material, variant: str, split: str, order: int = 0
) -> Sequence[Question]:
  """Returns the questions of a split, as a variant asks them.

  Args:
    material: of a task.
    variant: in a suite of templates, the template.
    split: the split.
    order: see `Config.option_order`; that of the variant comes first.

  Raises:
    UserError: the rows lack a field of the template.
  """
  if split in material.instances:
    how = suites.load(material.task.suite).variant(variant)
    return in_templates.asked(
      *(material.task, split, material.instances[split]),
      *(how.template, how.order or order),
    )
  return [reordered(question, order) for question in material.questions[split]]


# Questions that a plan looks at, of which its prompts' exemplars are too.
SAMPLE = 64


class EvaluationWorker:
  """Makes the prompts of one task after another; see `PartWorker`."""

  def __init__(self, plan: Plan):
    """Loads the vocabulary."""
    self._plan = plan
    vocabulary = vocabularies.load_planned(plan.config['vocabulary'])
    self.encoder = Encoder(vocabulary, plan.config)

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the records of a part."""
    count = len(self._plan.groups[part.group].data_sets)
    for number, (data_set, questions) in enumerate(self.read(part), 1):
      yield from self.encoder.results(data_set, questions, counts)
      yield Progress(part.size * number // count)

  def read(
    self, part: Part, sample: int = 0
  ) -> Iterator[tuple[DataSet, Sequence[Question]]]:
    """Reads a part's files; yields its data sets, each with its questions.

    Args:
      part: of a task.
      sample: read about so many questions; 0 for all.

    Raises:
      UserError: a file cannot be read.
    """
    config = self._plan.config
    task = task_of(part.group)
    known = config['tasks'][task.name]
    material = read_material(task, part.pieces, known.get('source', 0))
    split = known['split']
    if sample:
      material = material.sample(split, sample)
    for number, name in enumerate(self._plan.groups[part.group].data_sets):
      variant = name.rpartition(':')[2]
      data_set = DataSet(
        name=name,
        number=number,
        task=task.name,
        variant=variant,
        prompter=prompter_of(
          material, variant, config['template'], config.get('exemplars')
        ),
        source=part.pieces[0].path,
        ranked=task.ranked,
        left_out=material.left_out,
      )
      order = config.get('option_order', 0)
      yield data_set, asked(material, variant, split, order)
