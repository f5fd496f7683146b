"""A run that is planned and not yet begun."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.run.plan import Plan


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
  """A plan, where its output will go, and what to tell people about it.

  Attributes:
    plan: the plan.
    outline: what is particular to this run, for a person: solved denoisers,
      tasks by suite, the parts of a mixture.
    facts: the same for a program, as JSON.
    missing: names of tasks that were asked for and cannot be had, and why.
    output: the output folder; empty while nobody has named one.
  """

  plan: Plan
  outline: str = ''
  facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  missing: Mapping[str, str] = dataclasses.field(default_factory=dict)
  output: str = ''
