"""Makes Beam pipelines of chains, for all engines that are Beam's."""

from collections.abc import Iterator
import contextlib
import shutil
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.display import DisplayDataItem

from ul2_flan.pipelines.engines.chain import Chain, Function
from ul2_flan.tasks.errors import UserError

_NAMESPACE = 'ul2_flan'


class OnBeam(beam.PTransform[Any, Any]):
  """Expects a pipeline; does a chain, and emits what its last step yields."""

  def __init__(self, chain: Chain):
    super().__init__()
    self._chain = chain

  def expand(self, root: beam.Pipeline) -> beam.PCollection[Any]:
    made = root | 'Start' >> beam.Impulse()
    for label, function in self._chain.steps:
      step = beam.ParDo(_Step(function)) if function else beam.GroupByKey()
      made |= label >> step
    return made


class _Step(beam.DoFn):
  """A function of a chain, as Beam calls it."""

  def __init__(self, function: Function):
    super().__init__()
    self._function = function

  def setup(self) -> None:
    self._function.count = _count
    self._function.setup()

  def process(self, element: Any) -> Iterator[Any]:
    yield from self._function.process(element)

  def display_data(self) -> dict[str, DisplayDataItem]:
    return {
      key: DisplayDataItem(value, label=label)
      for key, (label, value) in self._function.facts().items()
    }


def _count(name: str, amount: int) -> None:
  Metrics.counter(_NAMESPACE, name).inc(amount)


@contextlib.contextmanager
def pipeline(options: PipelineOptions) -> Iterator[beam.Pipeline]:
  """Makes a pipeline for the body to fill, and to run if it likes.

  Args:
    options: they name the runner.

  Raises:
    UserError: Beam refuses them.
  """
  try:
    made = beam.Pipeline(options=options)
  except (ImportError, ValueError) as e:  # no such runner, or not installed
    raise UserError(f'Beam refuses its options: {e}') from e
  # It is for transforms in other languages, which we have none of. Beam would
  # remove it after a run, and never where the process is killed.
  shutil.rmtree(made.local_tempdir)
  yield made
