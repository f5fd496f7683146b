"""The kinds of run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.flan.summary import FlanSummary
from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.mix.accounts import MixAccounts
from ul2_flan.pipelines.mix.summary import MixSummary
from ul2_flan.pipelines.run.contract import Accounts, Summary, Worker
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.ul2.accounts import Ul2Accounts
from ul2_flan.pipelines.ul2.summary import Ul2Summary
from ul2_flan.pipelines.ul2.worker import Ul2Worker

_JOBS: Mapping[str, type[Ul2Worker] | type[FlanWorker]] = {
  'ul2': Ul2Worker,
  'flan': FlanWorker,
}

ACCOUNTS: Mapping[str, type[Accounts]] = {
  'ul2': Ul2Accounts,
  'flan': FlanAccounts,
  'mix': MixAccounts,
}

SUMMARIES: Mapping[str, type[Summary]] = {
  'ul2': Ul2Summary,
  'flan': FlanSummary,
  'mix': MixSummary,
}


def job_of(plan: Plan) -> Worker:
  """What does the work of a map-only plan."""
  return _JOBS[plan.job](plan)
