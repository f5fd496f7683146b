"""Does the work of an evaluation run: a part is a task in all its variants."""

from collections.abc import Iterator, Sequence

from ul2_flan.pipelines.evaluation.encode import DataSet, Encoder
from ul2_flan.pipelines.evaluation.find_suites import read_material, task_of
from ul2_flan.pipelines.run import Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.evaluation.prompting import TEMPLATES, Prompter, prompter
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
    data_sets, questions = self.read(part)
    for number, data_set in enumerate(data_sets, 1):
      yield from self.encoder.results(data_set, questions, counts)
      yield Progress(part.size * number // len(data_sets))

  def read(
    self, part: Part, sample: int = 0
  ) -> tuple[list[DataSet], Sequence[Question]]:
    """Reads a part's files: its data sets, and the questions of all of these.

    Args:
      part: of a task.
      sample: read about so many questions; 0 for all.

    Raises:
      UserError: a file cannot be read.
    """
    config = self._plan.config
    task = task_of(part.group)
    material = read_material(task, part.pieces)
    split = config['tasks'][task.name]['split']
    if sample:
      material = material.sample(split, sample)
    data_sets = []
    for number, name in enumerate(self._plan.groups[part.group].data_sets):
      variant = name.rpartition(':')[2]
      data_sets.append(
        DataSet(
          name=name,
          number=number,
          task=task.name,
          variant=variant,
          prompter=prompter_of(
            material, variant, config['template'], config.get('exemplars')
          ),
          source=part.pieces[0].path,
          ranked=task.ranked,
        )
      )
    order = config.get('option_order', 0)
    return data_sets, [reordered(q, order) for q in material.questions[split]]
