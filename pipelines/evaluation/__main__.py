"""Runs `python -m ul2_flan.pipelines.evaluation`."""

from ul2_flan.pipelines import evaluation
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(evaluation.main)
