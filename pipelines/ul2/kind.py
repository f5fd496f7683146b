r"""From raw text to UL2 and UL2R training data that seqio reads.

On this machine:

    python -m ul2_flan.pipelines.ul2 --input 'DIR/*.jsonl.gz' --output OUT \
        --vocabulary t5.spiece.model --preset ul2r

On Dataflow, add Beam's own options:

        --runner DataflowRunner --project P --region R --temp_location gs://B/tmp

The output is seqio's cached layout and a manifest; `ul2_flan.tasks.register`
registers it. The same command goes on where an earlier one stopped.
"""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.launch import estimate, map_only
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.ul2 import accounts, flags, outline
from ul2_flan.pipelines.ul2.accounts import Ul2Accounts
from ul2_flan.pipelines.ul2.config import Config
from ul2_flan.pipelines.ul2.planning import make_plan
from ul2_flan.pipelines.ul2.summary import Ul2Summary
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising


def _preset(config: Mapping[str, Any]) -> str:
  return denoising.parse_table(config['denoisers'], 'the plan').name


def _prepare(plan: Plan, processes: int) -> None:
  estimate.expect_text(plan, plan.config.get('epochs', 1), processes)


KIND = Kind(
  name='ul2',
  about=__doc__,
  epilog=f'presets:\n{outline.of_presets()}',
  flags=flags.FLAGS,
  config=Config,
  configure=flags.configure,
  plan=make_plan,
  unit='documents',
  variant=_preset,
  prepare=_prepare,
  worker=Ul2Worker,
  steps=map_only.steps,
  cost=estimate.cost_of_parts,
  records=accounts.records,
  accounts=Ul2Accounts,
  summary=Ul2Summary,
)
