"""Runs `python -m ul2_flan.pipelines.contamination`."""

from ul2_flan.pipelines import contamination
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(contamination.main)
