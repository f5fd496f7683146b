r"""Makes evaluation data that seqio reads, of the suites of Flan and U-PaLM.

On this machine:

    python -m ul2_flan.pipelines.evaluation --source mmlu=DIR --source bbh=DIR \
        --source tydiqa=DIR --source mgsm=DIR --output EVAL \
        --vocabulary t5.spiece.model

Each task in each variant (direct, or with a chain of thought) is a data set
with one split, 'test'. No mixture for training can have it.
`ul2_flan.tasks.register` registers all of them with their metrics;
`trainer_plugin/configs/runs/eval.gin` evaluates a model on them, and `ul2-flan
scores` makes a table of what it said.
"""

from ul2_flan.pipelines.evaluation import accounts, flags
from ul2_flan.pipelines.evaluation.accounts import EvaluationAccounts
from ul2_flan.pipelines.evaluation.config import Config
from ul2_flan.pipelines.evaluation.find_suites import task_of
from ul2_flan.pipelines.evaluation.planning import make_plan
from ul2_flan.pipelines.evaluation.summary import EvaluationSummary
from ul2_flan.pipelines.evaluation.worker import EvaluationWorker
from ul2_flan.pipelines.launch import estimate, map_only
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting.in_templates import catalog_task
from ul2_flan.tasks.evaluation.suites import SuiteTask

_SUITES = '\n'.join(
  f'  {name}: {suites.load(name).description}' for name in suites.names()
)


def _origin(plan: Plan) -> Origin:
  """Returns the licences of the suites that are asked."""
  return Origin.of([_licence(task_of(name)) for name in plan.config['tasks']])


def _licence(task: SuiteTask) -> tuple[str, str]:
  """Returns a task's licence, and of what it is: mostly of its suite."""
  suite = suites.load(task.suite)
  if suite.catalog:
    return catalog_task(task).licence, task.name
  return suites.licence_of(task), task.name if task.form else suite.name


KIND = Kind(
  name='evaluation',
  about=__doc__,
  epilog=f'suites:\n{_SUITES}',
  flags=flags.FLAGS,
  config=Config,
  configure=flags.configure,
  plan=make_plan,
  unit='prompts',
  variant=lambda config: '',
  worker=EvaluationWorker,
  steps=map_only.steps,
  cost=estimate.cost_of_parts,
  records=accounts.records,
  accounts=EvaluationAccounts,
  summary=EvaluationSummary,
  origin=_origin,
)
