r"""Makes instruction data that seqio reads of the tasks of the Flan collection.

On this machine:

    python -m ul2_flan.pipelines.flan --suites niv2,cot --source niv2=DIR \
        --source cot=DIR --output OUT --vocabulary t5.spiece.model

On Dataflow, add Beam's own options:

        --runner DataflowRunner --project P --region R --temp_location gs://B/tmp

Each task in each setting is a data set in seqio's cached layout;
`ul2_flan.tasks.register` registers them all. `python -m ul2_flan.tasks list`
lists the tasks. The same command goes on where an earlier one stopped.
"""

from ul2_flan.pipelines.flan import accounts, flags
from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.flan.context import origin_of
from ul2_flan.pipelines.flan.planning import make_plan
from ul2_flan.pipelines.flan.released.estimate import cost
from ul2_flan.pipelines.flan.released.steps import steps
from ul2_flan.pipelines.flan.summary import FlanSummary
from ul2_flan.pipelines.flan.worker import FlanWorker, pieces_of_task
from ul2_flan.pipelines.launch import estimate
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks import catalog

_SUITES = '\n'.join(
  f'  {suite.name}: {suite.description}' for suite in catalog.suites().values()
)


def _prepare(plan: Plan, processes: int) -> None:
  # Each row comes once in each data set of its task.
  times = len(plan.data_sets) / max(1, len(plan.groups))
  estimate.expect_text(plan, max(1, times), processes)


KIND = Kind(
  name='flan',
  about=__doc__,
  epilog=f'suites:\n{_SUITES}',
  flags=flags.FLAGS,
  config=Config,
  configure=flags.configure,
  plan=make_plan,
  unit='rows',
  variant=lambda config: '',
  reads=pieces_of_task,
  prepare=_prepare,
  worker=FlanWorker,
  steps=steps,
  cost=cost,
  records=accounts.records,
  accounts=FlanAccounts,
  summary=FlanSummary,
  origin=origin_of,
)
