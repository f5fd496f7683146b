"""The kinds of run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines.denoise import DenoiseJob
from ul2_flan.pipelines.denoise_accounts import DenoiseAccounts
from ul2_flan.pipelines.denoise_summary import DenoiseSummary
from ul2_flan.pipelines.flan_summary import FlanSummary
from ul2_flan.pipelines.job import Accounts, Summary, Work
from ul2_flan.pipelines.mix_accounts import MixAccounts
from ul2_flan.pipelines.mix_summary import MixSummary
from ul2_flan.pipelines.render_job import RenderJob
from ul2_flan.pipelines.task_accounts import TaskAccounts
from ul2_flan.pipelines.work import Plan

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
