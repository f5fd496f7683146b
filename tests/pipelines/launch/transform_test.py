"""Workers find their run by its output, and do nothing when it has ended."""

from collections.abc import Iterable, Iterator
from pathlib import Path
import pickle
from typing import Any

import pytest
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.launch import resume, transform
from ul2_flan.pipelines.launch.transform import (
  Finish,
  ListNumbers,
  RunFunction,
  RunRef,
)
from ul2_flan.pipelines.run import Budget, Plan, paths

PLAN = plan_of_sizes([1, 1, 1])


class Echo(RunFunction):
  """Emits what it is given."""

  def do(
    self, plan: Plan, worker: Any, number: int, values: Iterable[Any]
  ) -> Iterator[Any]:
    yield plan.fingerprint, worker, number, list(values)


class FakeKind:
  """A kind whose workers are counted."""

  made = 0

  @classmethod
  def worker(cls, plan: Plan) -> str:
    cls.made += 1
    return f'worker {cls.made}'


@pytest.fixture
def begun(tmp_path: Path, monkeypatch) -> Iterator[RunRef]:
  """A run that has begun."""
  FakeKind.made = 0
  monkeypatch.setattr(transform, 'kind_of', lambda _: FakeKind)
  transform.load.cache_clear()
  resume.begin(str(tmp_path), PLAN)
  yield RunRef.of(PLAN, str(tmp_path))
  transform.load.cache_clear()


def end(run: RunRef) -> None:
  Path(paths.manifest_path(run.output)).touch()
  Path(paths.plan_path(run.output)).unlink()


def test_a_process_loads_its_worker_once(begun: RunRef):
  steps = [pickle.loads(pickle.dumps(begun)) for _ in range(3)]
  made = [m for ref in steps for m in Echo(ref).process((1, ['x']))]
  assert made == 3 * [(PLAN.fingerprint, 'worker 1', 1, ['x'])]
  assert FakeKind.made == 1


def test_a_run_that_has_ended_is_done_no_more(begun: RunRef):
  numbers = ListNumbers(begun, lambda run: 3)
  assert list(numbers.process(b'')) == [(0, None), (1, None), (2, None)]
  end(begun)
  assert list(numbers.process(b'')) == []
  assert list(Echo(begun).process((0, []))) == []
  # Nor is it finished again: there are no reports.
  (path,) = Finish(begun, Budget()).process(None)
  assert path == paths.manifest_path(begun.output)
  assert FakeKind.made == 0


def test_a_worker_never_mixes_two_plans(begun: RunRef):
  other = plan_of_sizes([1, 1, 1], config={'seed': 1})
  ref = RunRef.of(other, begun.output)
  with pytest.raises(RuntimeError, match='was replaced while the run was'):
    transform.load_plan(ref)
  assert transform.load_plan(begun) == PLAN
