"""Builds the job of a Flex Template and ends, on the template's own machine.

The service starts the job when this has ended, and takes it from the file that
it names with `--template_location`.
"""

from collections.abc import Sequence
import difflib
import sys

from ul2_flan.pipelines import flex_template
from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import Flag
from ul2_flan.tasks.messages import complain


def arguments(given: Sequence[str]) -> tuple[str, list[str]]:
  """Turns a template's parameters into a pipeline's name and its flags.

  >>> arguments(['--pipeline=ul2', '--input=gs://a/x,gs://a/y',
  ...            '--decoder_only=true', '--provenance=false', '--region=r'])
  ('ul2', ['--input', 'gs://a/x', 'gs://a/y', '--decoder_only', '--region=r'])

  Args:
    given: '--name=value' for each parameter, and the service's own.

  Raises:
    UserError: a parameter cannot be understood.
  """
  named = [f.partition('=')[2] for f in given if f.startswith('--pipeline=')]
  if not named:
    raise UserError(
      f'the template was given no pipeline: one of {", ".join(KINDS)}'
    )
  ours = {f'--{f.name}': f for f, _ in flex_template.flags_of(named[-1])}
  beam = parsing.beam_parser(named[-1])
  theirs, switches = parsing.flags_of(beam), parsing.switches_of(beam)
  flags: list[str] = []
  for text in given:
    name, equals, value = text.partition('=')
    if name == '--pipeline' or (equals and not value):
      continue  # a field of a form may be left empty
    if name in ours:
      flags += _as_flags(ours[name], value)
    elif name in switches:
      flags += _as_switch(name, value)
    elif name.removeprefix('--') in flex_template.NOT_FOR_TEMPLATES:
      raise UserError(f'{name} is for a command line: leave it out')
    elif name in theirs:
      flags.append(text)
    elif near := difflib.get_close_matches(name, ours, n=1, cutoff=0.8):
      raise UserError(f"unknown parameter '{name}': did you mean '{near[0]}'?")
    else:
      # The service may know more than this version of Beam, which passes over
      # such options.
      complain(f'passed over: {text}')
  return named[-1], flags


def _as_flags(flag: Flag, value: str) -> list[str]:
  """Writes one of our parameters as a command line has it."""
  name = f'--{flag.name}'
  if flag.is_switch:
    return _as_switch(name, value)
  if flag.many == 'append':
    return [f'{name}={one}' for one in value.split(',')]
  if flag.many:
    return [name, *value.split(',')]
  return [f'{name}={value}']


def _as_switch(name: str, value: str) -> list[str]:
  """Writes a flag without a value as a command line has it.

  Raises:
    UserError: the parameter is neither true nor false.
  """
  if value.lower() not in ('true', 'false', ''):
    raise UserError(f"{name} is '{value}': it must be true or false")
  return [] if value.lower() == 'false' else [name]


def launch(argv: Sequence[str] | None = None) -> int:
  """Builds a template's job and returns; the service then starts the job."""
  pipeline, flags = arguments(sys.argv[1:] if argv is None else argv)
  return command.main(kind_of(pipeline), [*flags, '--no_wait'])


if __name__ == '__main__':
  command.run_main(launch)
