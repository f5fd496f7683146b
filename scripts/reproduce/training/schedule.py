"""Trains all arms, on a CPU some at once."""

from __future__ import annotations

from concurrent import futures
import os
from pathlib import Path
import subprocess
import sys

from reproduce.arms import Arm, Settings, arms
from reproduce.training import train

# A step of models this small takes one core 0.75 s, and two cores 0.56: each
# does better with an arm of its own.
ONE_CORE = {'XLA_FLAGS': '--xla_cpu_multi_thread_eigen=false'}

# Each takes 2.5 GB.
_AT_ONCE = 4


def run(settings: Settings, output: Path) -> None:
  """Trains what has not been trained; a run that stopped goes on.

  On a CPU, each core trains an arm of its own.

  Args:
    settings: how much.
    output: where the data is, and the models go.

  Raises:
    SystemExit: T5X failed; arms that are being trained are finished before.
  """
  waiting = [
    (arm, seed)
    for arm, seed in train.in_order(settings)
    if arm.steps and not train.checkpoint(arm, seed, settings, output).exists()
  ]
  if not waiting:
    return
  if backend() != 'cpu':
    for arm, seed in waiting:
      train.one(arm, seed, settings, output)
    return

  cores = sorted(os.sched_getaffinity(0))[:_AT_ONCE]
  running: set[futures.Future[None]] = set()

  def is_ready(pair: tuple[Arm, int]) -> bool:
    arm, seed = pair
    before = arms().get(arm.after)
    return (
      not before or train.checkpoint(before, seed, settings, output).exists()
    )

  def pin() -> None:
    # Of this thread, and so of the processes that it starts.
    os.sched_setaffinity(0, {cores.pop()})

  with futures.ThreadPoolExecutor(len(cores), initializer=pin) as pool:
    free = len(cores)
    while waiting or running:
      for pair in [pair for pair in waiting if is_ready(pair)][:free]:
        waiting.remove(pair)
        running.add(pool.submit(train.one, *pair, settings, output, ONE_CORE))
        free -= 1
      done, running = futures.wait(running, return_when=futures.FIRST_COMPLETED)
      for future in done:
        future.result()
        free += 1


def backend() -> str:
  """Returns JAX's backend, as another process says: JAX takes GPUs."""
  ask = 'import jax; print(jax.default_backend())'
  return subprocess.check_output([sys.executable, '-c', ask], text=True).strip()
