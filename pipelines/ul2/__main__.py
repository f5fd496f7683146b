"""Runs the command."""

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.ul2.command import main

if __name__ == '__main__':
  command.run_main(main)
