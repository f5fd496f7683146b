"""Runs the command."""

from ul2_flan.pipelines.flan.command import main
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(main)
