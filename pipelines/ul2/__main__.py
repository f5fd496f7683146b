"""Runs `python -m ul2_flan.pipelines.ul2`."""

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(ul2.main)
