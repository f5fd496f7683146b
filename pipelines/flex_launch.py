"""What a Flex Template's machine runs: it builds the job, and ends.

The service starts the job when this has ended, and takes it from the file that
it names with `--template_location`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import difflib
import sys

from ul2_flan.pipelines import flex_template
from ul2_flan.pipelines.flex_template import PIPELINES
from ul2_flan.pipelines.launch import command, run_flags
from ul2_flan.tasks.errors import UserError


def arguments(given: Sequence[str]) -> tuple[str, list[str]]:
  """The pipeline that a template's launcher is to run, and its flags.

  >>> arguments(['--pipeline=ul2', '--input=gs://a/x,gs://a/y',
  ...            '--decoder_only=true', '--provenance=false', '--region=r'])
  ('ul2', ['--input', 'gs://a/x', 'gs://a/y', '--decoder_only', '--region=r'])

  Args:
    given: '--name=value' for each parameter, and the service's own.

  Raises:
    UserError: a parameter cannot be understood.
  """
  found = [f.partition('=')[2] for f in given if f.startswith('--pipeline=')]
  if not found:
    raise UserError(
      f'the template was given no pipeline: one of {", ".join(PIPELINES)}'
    )
  parser = flex_template.parser_of(found[-1])
  actions = {
    flag: action
    for known in (run_flags.beam_parser(parser.prog), parser)
    for action in known._actions
    for flag in action.option_strings
  }
  ours = [f'--{action.dest}' for action in flex_template.actions(parser)]
  flags: list[str] = []
  for text in given:
    flag, equals, value = text.partition('=')
    if flag == '--pipeline' or (equals and not value):
      continue  # a field of a form may be left empty
    if flag in actions:
      flags += _as_flags(actions[flag], flag, value, flag in ours)
    elif near := difflib.get_close_matches(flag, ours, n=1, cutoff=0.8):
      raise UserError(f"unknown parameter '{flag}': did you mean '{near[0]}'?")
    else:
      # The service may know more than this version of Beam, which passes over
      # such options.
      print(f'passed over: {text}', file=sys.stderr)
  return found[-1], flags


def _as_flags(
  action: argparse.Action, flag: str, value: str, is_ours: bool
) -> list[str]:
  """A parameter as a command line has it."""
  if flex_template.is_switch(action):
    if value.lower() not in ('true', 'false', ''):
      raise UserError(f"{flag} is '{value}': it must be true or false")
    return [] if value.lower() == 'false' else [flag]
  if is_ours and isinstance(action, argparse._AppendAction):
    return [f'{flag}={one}' for one in value.split(',')]
  if is_ours and flex_template.takes_many(action):
    return [flag, *value.split(',')]
  return [f'{flag}={value}']


def launch(argv: Sequence[str] | None = None) -> int:
  """Builds a template's job and ends, as the service waits for."""
  pipeline, flags = arguments(sys.argv[1:] if argv is None else argv)
  return PIPELINES[pipeline].main([*flags, '--no_wait'])


if __name__ == '__main__':
  command.run_main(launch)
