"""Runs `python -m ul2_flan.pipelines.mix`."""

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.launch import command

if __name__ == '__main__':
  command.run_main(mix.main)
