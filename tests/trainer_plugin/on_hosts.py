"""Runs a program of T5X in one of several processes. Needs T5X.

    python -m on_hosts ADDRESS HOST HOSTS PROGRAM OPTIONS...

T5X itself does so only for `t5x.train`, with `--multiprocess_gpu`.
"""

import runpy
import sys

import jax

if __name__ == '__main__':
  address, host, hosts, program, *options = sys.argv[1:]
  jax.distributed.initialize(address, int(hosts), int(host))
  sys.argv = [program, *options]
  runpy.run_module(program, run_name='__main__', alter_sys=True)
