"""The kinds of run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines.denoise import DenoiseJob
from ul2_flan.pipelines.job import Accounts, Job
from ul2_flan.pipelines.mixing import MixAccounts
from ul2_flan.pipelines.render_job import RenderJob
from ul2_flan.pipelines.work import Plan

_JOBS: Mapping[str, type[Job]] = {'ul2': DenoiseJob, 'flan': RenderJob}

ACCOUNTS: Mapping[str, type[Accounts]] = {**_JOBS, 'mix': MixAccounts}


def job_of(plan: Plan) -> Job:
  """What does the work of a map-only plan."""
  return _JOBS[plan.job](plan)
