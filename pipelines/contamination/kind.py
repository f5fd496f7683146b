r"""Looks for the texts of evaluation suites in what a model trains on.

    python -m ul2_flan.pipelines.contamination --manifest UL2R FLAN \
        --evaluation EVAL --output REPORT

Before a run, give files of tasks as --source SUITE=DIR, and text as --input.

Of each suite, task and item it says which training task or document touches it,
and how much. Words are compared in small letters and without punctuation, as
the papers do; in Thai, Chinese, Japanese and other scripts without white space,
characters are. REPORT/contamination/items has a line for each item, texts one
for each training text that is touched, and keys those of texts to leave out:
`ul2`, `flan` and `mix` take them with --without_keys REPORT. `ul2-flan scores
--contamination REPORT` tells clean and touched items apart.

The same command goes on where an earlier one stopped, and `verify` checks what
it wrote.
"""

from ul2_flan.pipelines.contamination import (
  accounts,
  estimate,
  flags,
  transform,
)
from ul2_flan.pipelines.contamination.accounts import ContaminationAccounts
from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.contamination.planning import make_plan, origin_of
from ul2_flan.pipelines.contamination.summary import ContaminationSummary
from ul2_flan.pipelines.contamination.texts.find_texts import SHARD
from ul2_flan.pipelines.contamination.worker import ContaminationWorker
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.run import Part, Plan
from ul2_flan.pipelines.sources import Piece


def _reads(plan: Plan, part: Part) -> list[Piece]:
  """Returns the documents of a part; shards are checked as they are read."""
  del plan
  return [piece for piece in part.pieces if piece.kind != SHARD]


KIND = Kind(
  name='contamination',
  about=__doc__,
  flags=flags.FLAGS,
  config=Config,
  configure=flags.configure,
  plan=make_plan,
  unit='texts',
  variant=lambda config: str(config['rule']),
  reads=_reads,
  worker=ContaminationWorker,
  steps=transform.steps,
  cost=estimate.cost,
  records=accounts.records,
  accounts=ContaminationAccounts,
  summary=ContaminationSummary,
  origin=origin_of,
)
