"""The kinds of run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines.flan.accounts import TaskAccounts
from ul2_flan.pipelines.flan.summary import FlanSummary
from ul2_flan.pipelines.flan.worker import RenderJob
from ul2_flan.pipelines.mix.accounts import MixAccounts
from ul2_flan.pipelines.mix.summary import MixSummary
from ul2_flan.pipelines.run.contract import Accounts, Summary, Work
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.ul2.accounts import DenoiseAccounts
from ul2_flan.pipelines.ul2.summary import DenoiseSummary
from ul2_flan.pipelines.ul2.worker import DenoiseJob

_JOBS: Mapping[str, type[DenoiseJob] | type[RenderJob]] = {
  'ul2': DenoiseJob,
  'flan': RenderJob,
}

ACCOUNTS: Mapping[str, type[Accounts]] = {
  'ul2': DenoiseAccounts,
  'flan': TaskAccounts,
  'mix': MixAccounts,
}

SUMMARIES: Mapping[str, type[Summary]] = {
  'ul2': DenoiseSummary,
  'flan': FlanSummary,
  'mix': MixSummary,
}


def job_of(plan: Plan) -> Work:
  """What does the work of a map-only plan."""
  return _JOBS[plan.job](plan)
