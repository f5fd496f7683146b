"""The functions that Python programs call to plan a run and to run it."""

from collections.abc import Iterator, Sequence
import contextlib
import gc
from typing import Any, Generic, TypeVar

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.launch.run import Launch
from ul2_flan.pipelines.run import Budget, Planned
from ul2_flan.pipelines.storage import manifest_of, schemes
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

C = TypeVar('C')


@contextlib.contextmanager
def _collects_new_alone() -> Iterator[None]:
  """Keeps the garbage collector from what the program has made before.

  A run makes objects by the million. What is there already, all that programs
  import to begin with, need not be gone through again and again for them.
  """
  if gc.get_freeze_count():
    # A command, or a program that knows better.
    yield
    return
  gc.freeze()
  try:
    yield
  finally:
    gc.unfreeze()


class Api(Generic[C]):
  """The functions of a kind of run, such as `ul2.plan` and `ul2.run`."""

  def __init__(self, kind: Kind[C]):
    """Makes the functions of a kind."""
    self._kind: Kind[Any] = kind

  def plan(self, config: C, *, output: str) -> Planned:
    """Plans a run. Reads samples of the sources, and writes nothing.

    Args:
      config: all that the bytes of the output depend on.
      output: the folder that the data sets will go to.

    Raises:
      UserError: something is wrong that can be known before work starts.
    """
    return self._kind.plan(config, output)

  @_collects_new_alone()
  def run(
    self,
    config: C,
    *,
    output: str,
    engine: Engine | None = None,
    max_reject_fraction: float = 0.01,
    max_damaged_files: int = 0,
    strict: bool = False,
    overwrite: bool = False,
  ) -> Manifest:
    """Runs a configuration to its end, or what an earlier call left of it.

    Prints nothing.

    Args:
      config: all that the bytes of the output depend on.
      output: the folder that the data sets go to.
      engine: who does the work; by default the cores of this machine.
      max_reject_fraction: the share of records that may be rejected.
      max_damaged_files: how many files may end early, or not be decodable.
      strict: whether a task that could be left out fails the run instead.
      overwrite: delete what another run left in the output.

    Returns:
      the manifest of the finished run.

    Raises:
      UserError: the configuration, the sources or the output are wrong; or the
        engine does not wait for the end of its job.
      Exception: what the engine raises when work fails. What is done stays, and
        the same call goes on from there.
    """
    engine = engine or Engine()
    engine.check()
    # Planning reads buckets before there is a pipeline, which would set these.
    if given := engine.given():
      schemes.set_options(given)
    planned = self.plan(config, output=output)
    budget = Budget(max_reject_fraction, strict, max_damaged_files)
    planned.refuse_missing(budget)
    with Launch(planned, engine, budget, overwrite=overwrite) as launch:
      outcome = launch.begin() or launch.work(show_progress=False)
      if not outcome.complete:
        raise UserError(f'there is no manifest yet: {outcome.note}')
      return manifest_of(output)

  def main(self, argv: Sequence[str] | None = None, prog: str = '') -> int:
    """Runs the command line; returns the exit status.

    Args:
      argv: what was typed; by default the arguments of this process.
      prog: what a person types to run the command.
    """
    return command.main(self._kind, argv, prog)


def late(name: str) -> Any:
  """Finds `Materialise` for a package of a kind of run, when it is asked for.

  It is Beam's, whose import takes a second, and nobody else needs it.

  Raises:
    AttributeError: the package has nothing of this name.
  """
  if name != 'Materialise':
    raise AttributeError(name)
  from ul2_flan.pipelines.launch.materialise import Materialise

  return Materialise
