"""Runs a program of T5X on several hosts.

    python -m ul2_flan.trainer_plugin t5x.eval --multiprocess_gpu --gin_file=…

T5X starts JAX's distributed system for training alone. Here the same options do
so for `t5x.eval` and `t5x.infer` too; all others go to the program. Run the
command on each host.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import runpy
import sys

import jax

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.flags import make_parser
from ul2_flan.tasks.messages import complain

PROGRAMS = ('t5x.eval', 't5x.infer', 't5x.train')


def main(argv: Sequence[str] | None = None) -> int:
  """Starts JAX's distributed system if it is asked for, and then the program.

  Returns:
    the exit status, 2 for a mistake in what was given. A program of T5X raises
    SystemExit with its own.
  """
  args, rest = parse(sys.argv[1:] if argv is None else argv)
  if args.program not in PROGRAMS:
    complain(f'error: {unknown("program", args.program, PROGRAMS)}')
    return 2
  if args.multiprocess_gpu:
    jax.distributed.initialize(
      args.coordinator_address,
      args.process_count,
      args.process_index,
      initialization_timeout=args.initialization_timeout,
    )
  sys.argv = [args.program, *rest]
  runpy.run_module(args.program, run_name='__main__', alter_sys=True)
  return 0


def parse(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
  """Reads a command line; returns our options, and those of the program."""
  prog = 'python -m ul2_flan.trainer_plugin'
  parser = make_parser(prog, __doc__, __package__ or '', 'hosts.toml')
  return parser.parse_known_args(argv)


def options_of_hosts(options: Sequence[str]) -> tuple[str, ...]:
  """Returns those of T5X's options that are for several hosts.

  >>> options_of_hosts(['--gin.X=1', '--multiprocess_gpu', '--process_count=2'])
  ('--multiprocess_gpu', '--process_count=2')
  """
  _, rest = parse([PROGRAMS[0], *options])
  return tuple(option for option in options if option not in rest)


if __name__ == '__main__':
  sys.exit(main())
