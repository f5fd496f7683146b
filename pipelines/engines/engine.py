"""The engine of a run: this machine, or one of Beam's runners."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from ul2_flan.pipelines.engines import local, memory
from ul2_flan.pipelines.run import Plan, checks, paths
from ul2_flan.tasks.errors import UserError

if TYPE_CHECKING:
  from apache_beam.options.pipeline_options import PipelineOptions

# A worker process loads the vocabulary and learns words anew, which takes half
# a second. Less output than this takes no longer to make.
_WORKER_BYTES = 20 << 20

# What the smallest work items take besides what an idle process holds.
_LEAST_BYTES = 100 << 20


# Not slotted: `options` is made once and kept.
@dataclasses.dataclass(frozen=True)
class Engine:
  """Who does the work of a run, and how.

  >>> Engine(local_workers=2).is_local
  True
  >>> Engine(beam_flags=['--runner=FlinkRunner']).is_local
  False

  Attributes:
    beam_flags: Beam's pipeline options, as on a command line. Without a
      `--runner` among them, processes on this machine do the work.
    local_workers: how many processes; 1 to work in this one. By default one for
      each core, or fewer for a small run.
    local_memory_mb: what these may take together, in 10^6 bytes. 0 for most of
      what is free.
    no_wait: whether to return as soon as a service has the job.
    passes: in how many turns a mix run makes its shards. Each turn shuffles so
      much less, for runners that shuffle in memory.

  Raises:
    UserError: a number is out of range.
  """

  beam_flags: Sequence[str] = ()
  local_workers: int | None = None
  local_memory_mb: int = 0
  no_wait: bool = False
  passes: int = 1

  def __post_init__(self) -> None:
    checks.check_at_least(
      self, 1, 'local_workers', 'passes', most=checks.MAX_WORKERS
    )
    checks.check_at_least(self, 0, 'local_memory_mb')

  @functools.cached_property
  def options(self) -> PipelineOptions:
    """Beam's options, which always name a runner.

    Beam's default runner would look for a Go binary on the network.
    """
    from apache_beam.options.pipeline_options import PipelineOptions

    flags = list(self.beam_flags)
    if not any(flag.split('=')[0] == '--runner' for flag in flags):
      flags += ['--runner', local.NAME]
    return PipelineOptions(flags)

  @property
  def runner(self) -> str:
    """The runner's name."""
    if not self.beam_flags:
      return local.NAME  # and Beam, which takes a second, is not imported
    from apache_beam.options.pipeline_options import StandardOptions

    name: str = self.options.view_as(StandardOptions).runner
    return name

  @property
  def is_local(self) -> bool:
    """Whether our own runner does the work, on this machine."""
    return self.runner == local.NAME

  def check(self) -> None:
    """Lets Beam check its options before there is anything to run.

    Raises:
      UserError: Beam refuses them.
    """
    if not self.is_local:
      from ul2_flan.pipelines.engines import on_beam

      with on_beam.pipeline(self.options):
        pass

  def local_runner(self, plan: Plan, output: str) -> local.LocalRunner | None:
    """Returns our own runner for a plan; None if Beam's does the work.

    Raises:
      UserError: its processes would have less memory than they begin with.
    """
    if not self.is_local:
      return None
    workers = self.local_workers
    if workers is None:
      workers = plan.estimate['bytes'] // _WORKER_BYTES
      workers = min(max(workers, 1), local.cores())
    least = -(-workers * (memory.resident() + _LEAST_BYTES) // 10**6)
    if 0 < self.local_memory_mb < least:
      raise UserError(
        f'--local_memory_mb is {self.local_memory_mb}: {workers} workers take '
        f'at least {least}. Give fewer --local_workers or more memory'
      )
    # A disk with room for the output has room for what is shuffled.
    scratch = paths.progress_folder(output)
    return local.LocalRunner(
      workers, self.local_memory_mb * 10**6, scratch, self.given()
    )

  def given(self) -> dict[str, Any]:
    """Returns the options that somebody gave Beam, by name."""
    if not self.beam_flags:
      return {}
    return dict(self.options.get_all_options(drop_default=True))
