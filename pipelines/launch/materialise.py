"""A planned run as a transform of somebody's own Beam pipeline."""

from typing import Any

import apache_beam as beam

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.launch.manifest import finished
from ul2_flan.pipelines.run import Budget, Planned, paths


class Materialise(beam.PTransform[Any, Any]):
  """Expects a pipeline; does a planned run, and emits its manifest's path.

  For those who have a pipeline of their own. Applying it writes the plan to the
  output; the work begins when the pipeline runs. It goes on where an earlier
  run of the same plan stopped.
  """

  def __init__(self, planned: Planned, budget: Budget | None = None):
    """Takes a plan; writes nothing yet.

    Args:
      planned: by `plan` of `ul2`, `flan` or `mix`, with an output.
      budget: how much may go wrong; by default, one record of a hundred.

    Raises:
      UserError: there is no output, or tasks are missing in a strict run.
    """
    super().__init__()
    self._planned = planned
    self._budget = budget or Budget()
    planned.refuse_no_output()
    planned.refuse_missing(self._budget)

  def expand(self, root: beam.Pipeline) -> beam.PCollection[str]:
    output = self._planned.output
    plan = resume.plan_to_follow(output, self._planned.plan)
    if finished.is_complete(output, plan) or not resume.begin(output, plan):
      resume.clean(output)
      return root | beam.Create([paths.manifest_path(output)])
    kind = kind_of(plan.kind)
    # One step, as passes are the launcher's to run one after the other.
    (step,) = kind.steps(plan, output, self._budget, Engine(passes=1))
    return root | OnBeam(step)
