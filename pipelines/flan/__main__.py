"""Runs `python -m ul2_flan.pipelines.flan`."""

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(flan.main)
