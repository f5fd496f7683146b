"""Runs a plan on an engine, or what is left of it."""

from collections.abc import Sequence
import contextlib
import dataclasses
from typing import Any, Self

from ul2_flan.pipelines.engines import Engine, progress
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.launch import overwrite as overwriting
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.kind import Kind, kind_of
from ul2_flan.pipelines.launch.manifest import finished
from ul2_flan.pipelines.run import Budget, Planned
from ul2_flan.pipelines.storage import locks
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
  """The outcome of a run.

  Attributes:
    complete: whether the output is whole.
    note: what a service says of a job that goes on without the launcher, or
      that was only built.
  """

  complete: bool
  note: str = ''


class Launch:
  """A planned run and the engine that is to do it.

  In a `with` it lets nobody on this machine delete the output, from `begin` on.
  """

  def __init__(
    self,
    planned: Planned,
    engine: Engine,
    budget: Budget,
    *,
    overwrite: bool = False,
  ):
    """Checks that the engine can do the plan; changes nothing.

    Args:
      planned: with an output.
      engine: who does the work.
      budget: how much may go wrong.
      overwrite: delete what another run left in the output, but not before
        `begin`.

    Raises:
      UserError: the engine or the output does not suit the plan.
    """
    self.plan, self.output = planned.plan, planned.output
    # A copy: `prepare` fills in options, such as a job's name, that would be
    # wrong for the next run of the same engine.
    self._engine = dataclasses.replace(engine)
    self._budget, self._overwrite = budget, overwrite
    self._kind: Kind[Any] = kind_of(self.plan.kind)
    planned.refuse_no_output()
    self._kind.check(self.plan, self._engine)
    self._held = contextlib.ExitStack()
    self._version = ''
    self._service: Any = None
    if engine.beam_flags:
      # It is Beam's, whose import takes a second.
      from ul2_flan.pipelines.engines import service

      variant = self._kind.variant(self.plan.config)
      service.prepare(self._engine, self.plan, self.output, variant)
      self._service = service
    self._runner = self._engine.local_runner(self.plan, self.output)

  def begin(self) -> Outcome | None:
    """Makes the output ready.

    Returns:
      the outcome, if there is nothing to do; None if there is.

    Raises:
      UserError: see `overwrite.delete_run` and `resume.begin`.
    """
    if self._service and self._service.is_dry(self._engine):
      note = self._service.build(self._steps(), self._engine)
      return Outcome(complete=False, note=note)
    if self._overwrite:
      self._delete()
    is_held = self._held.enter_context(locks.held(self.output))
    outcome = self._begin()
    if not (outcome or is_held):
      # The folder is new. Others may have come before its lock was ours.
      self._held.enter_context(locks.held(self.output))
      outcome = self._begin()
    return outcome

  def _delete(self) -> None:
    """Deletes an earlier run, which must have ended."""
    try:
      with locks.held(self.output, alone=True):
        overwriting.delete_run(self.output, self.plan)
    except BlockingIOError as e:
      raise UserError(
        f'another launcher is at work in {self.output}, and --overwrite would '
        'delete what it makes. Wait until it has ended or stop it, or give '
        'another --output'
      ) from e

  def _begin(self) -> Outcome | None:
    """Begins a run, or goes on with one, or finds that it is whole."""
    output, plan = self.output, resume.plan_to_follow(self.output, self.plan)
    self.plan = plan
    if not finished.is_complete(output, plan) and resume.begin(output, plan):
      self._version = resume.version_of(output)
      return None
    resume.clean(output)
    return Outcome(complete=True)

  def __enter__(self) -> Self:
    return self

  def __exit__(self, *error: object) -> None:
    self._held.close()

  def _steps(self) -> Sequence[Chain]:
    return self._kind.steps(self.plan, self.output, self._budget, self._engine)

  def work(self, *, show_progress: bool) -> Outcome:
    """Does the work, one chain after the other.

    Args:
      show_progress: on standard error.

    Raises:
      UserError: another launcher began the output anew, where no lock keeps it
        from that.
      Exception: whatever the engine raises; `failures` tells people of it.
    """
    try:
      outcome = self._work(show_progress=show_progress)
    except Exception as e:
      # Another launcher of the same plan may have ended the run, and deleted
      # what ours was working with. Then all is there.
      if not finished.is_complete(self.output, self.plan):
        if self._version != resume.version_of(self.output):
          raise UserError(
            f'another launcher began {self.output} anew, with --overwrite, '
            'while this one was at work there. This one stops'
          ) from e
        raise
      outcome = Outcome(complete=True)
    if outcome.complete:
      resume.clean(self.output)
    return outcome

  def _work(self, *, show_progress: bool) -> Outcome:
    """Does the work; raises what the engine raises."""
    steps = self._steps()
    # Worker processes before progress: they are forks, which need a launcher
    # with a single thread, and showing progress takes a thread.
    with contextlib.ExitStack() as stack:
      if self._runner:
        self._kind.prepare(self.plan, self._runner.sharing)
        stack.enter_context(self._runner.started())
      for step in steps:
        with (
          progress.shown(self.plan, self.output, step.share)
          if show_progress
          else contextlib.nullcontext()
        ):
          if self._runner:
            self._runner.run(step)
          elif note := self._service.run(step, self._engine):
            return Outcome(complete=False, note=note)
    return Outcome(complete=True)
