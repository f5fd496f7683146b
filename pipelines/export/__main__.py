"""Runs `python -m ul2_flan.pipelines.export`."""

from ul2_flan.pipelines import export
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(export.main)
