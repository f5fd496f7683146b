"""Refuses a mix run that an engine cannot shuffle."""

import math

from ul2_flan.pipelines.engines import Engine, memory
from ul2_flan.pipelines.mix.planning import IN_MEMORY_FACTOR, shuffled_bytes
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.run.tables import size
from ul2_flan.tasks.errors import UserError

# Beam's runners that keep what they shuffle in this machine's memory, without
# the 'Runner' of their names.
_IN_MEMORY = (
  'fnapi',
  'direct',
  'bundlebaseddirect',
  'switchingdirect',
  'testdirect',
  'interactive',
  'prism',
)


def check(plan: Plan, engine: Engine) -> None:
  """Checks the number of passes, and the memory of Beam's local runners.

  Raises:
    UserError: nobody would wait to start the second pass, or the shuffle does
      not fit into this machine's memory.
  """
  if engine.passes > 1:
    # Here, because it imports Beam, which a local run does without.
    from ul2_flan.pipelines.engines import service

    if service.leaves(engine):
      raise UserError(
        f'--passes {engine.passes} submits {engine.passes} jobs, one after '
        'another, and waits for each: leave out --no_wait, or give a service '
        '--passes 1, because its shuffle lies on disks'
      )
  free = memory.available()
  if free is None or not _shuffles_in_memory(engine.runner):
    return
  needed = IN_MEMORY_FACTOR * shuffled_bytes(plan)
  if needed / engine.passes > free:
    # Aims at 80% of what is free, since others take memory too.
    enough = math.ceil(needed / (0.8 * free))
    raise UserError(
      f'{engine.runner} keeps what it shuffles in memory: about '
      f'{size(needed / engine.passes)}, and {size(free)} are free. Give '
      f'--passes {enough}, or another --runner'
    )


def _shuffles_in_memory(runner: str) -> bool:
  """Whether a runner keeps what it shuffles in the memory of this machine.

  >>> _shuffles_in_memory('DirectRunner'), _shuffles_in_memory('FlinkRunner')
  (True, False)

  Args:
    runner: as Beam takes it: its name in any case, with or without 'Runner', or
      the path of its class.
  """
  name = runner.rsplit('.', 1)[-1].lower()
  return name.removesuffix('runner') in _IN_MEMORY
