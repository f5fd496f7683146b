"""The kinds of run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines.denoise import DenoiseJob
from ul2_flan.pipelines.job import Job
from ul2_flan.pipelines.render import RenderJob
from ul2_flan.pipelines.work import Plan

JOBS: Mapping[str, type[Job]] = {'ul2': DenoiseJob, 'flan': RenderJob}


def job_of(plan: Plan) -> Job:
  """What does a plan's work."""
  return JOBS[plan.job](plan)
