"""Metadata of the pipelines as Flex Templates of Dataflow.

    python -m ul2_flan.pipelines.flex_template ul2 > ul2.json

prints what `gcloud dataflow flex-template build --metadata-file` takes. One
image serves all three pipelines, so each template has a parameter `pipeline`,
which must be its name.

A template's parameter is one string of each name. So flags without a value take
true or false, and those that take several values take them with commas.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
import re
from typing import Any

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.launch import command
from ul2_flan.tasks.errors import unknown

PIPELINES = {'ul2': ul2, 'flan': flan, 'mix': mix}

# They are for the machine that launches, or for a plan that nothing follows.
_NOT_FOR_TEMPLATES = {
  'help', 'json', 'local_memory_mb', 'local_workers', 'no_wait', 'passes',
  'plan_only',
}  # fmt: skip

# What a flag's value is, where that helps to choose it or to check it.
_FOLDERS = {'input', 'manifest', 'promptsource', 'templates'}
_FILES = {'definitions', 'denoisers', 'vocabulary'}

_ON_A_BUCKET = 'gs://.+'
_NUMBERS = {int: '-?[0-9_]+', float: '-?[0-9.]+(e-?[0-9]+)?'}


def metadata(pipeline: str) -> dict[str, Any]:
  """A template's metadata, as JSON has it."""
  parser = parser_of(pipeline)
  about = (parser.description or '').partition('\n\n')[0]
  own = {
    'name': 'pipeline',
    'label': 'Pipeline',
    'helpText': f'Must be {pipeline}: the image has all of them.',
    'isOptional': False,
    'paramType': 'TEXT',
    'regexes': [f'^{pipeline}$'],
    'defaultValue': pipeline,
  }
  return {
    'name': f'ul2-flan: {pipeline}',
    'description': about.replace('\n', ' '),
    'parameters': [own, *(_parameter(a, parser) for a in actions(parser))],
  }


def parser_of(pipeline: str) -> argparse.ArgumentParser:
  """The flags of a pipeline."""
  if pipeline not in PIPELINES:
    raise unknown('pipeline', pipeline, PIPELINES)
  return PIPELINES[pipeline].make_parser()


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
  """Those that are parameters of its template."""
  return [a for a in parser._actions if a.dest not in _NOT_FOR_TEMPLATES]


def is_switch(action: argparse.Action) -> bool:
  """Whether a flag has no value."""
  return action.nargs == 0


def takes_many(action: argparse.Action) -> bool:
  """Whether several values may be given, or must be."""
  return action.nargs not in (None, 0) or isinstance(
    action, argparse._AppendAction
  )


def _parameter(
  action: argparse.Action, parser: argparse.ArgumentParser
) -> dict[str, Any]:
  words = action.dest.replace('_', ' ')
  text = parser._get_formatter()._expand_help(action)
  if takes_many(action):
    text += '. Several are separated by commas'
  if action.metavar and not is_switch(action):
    shown = action.metavar
    shown = ','.join(shown) if isinstance(shown, tuple) else shown
    text = f'{shown}: {text}'
  found: dict[str, Any] = {
    'name': action.dest,
    'label': words[0].upper() + words[1:],
    'helpText': text[0].upper() + text[1:] + '.',
    'isOptional': not action.required,
    **_kind(action),
  }
  default = action.default
  if isinstance(default, list):
    default = ','.join(map(str, default))
  if default not in (None, '', False):
    found['defaultValue'] = str(default)
  return found


def _kind(action: argparse.Action) -> dict[str, Any]:
  """Type and rule of a parameter's value."""
  if is_switch(action):
    return {'paramType': 'BOOLEAN', 'regexes': ['^(true|false)$']}
  if action.choices:
    options = [{'value': c, 'label': c} for c in action.choices]
    one_of = '|'.join(map(re.escape, action.choices))
    return {
      'paramType': 'ENUM',
      'enumOptions': options,
      'regexes': [f'^({one_of})$'],
    }
  kind, rule = 'TEXT', '.+'
  if action.dest == 'output':
    kind, rule = 'GCS_WRITE_FOLDER', _ON_A_BUCKET
  elif action.dest in _FOLDERS | _FILES:
    kind = 'GCS_READ_FILE' if action.dest in _FILES else 'GCS_READ_FOLDER'
    rule = _ON_A_BUCKET
  elif action.dest == 'source':
    rule = f'[a-z0-9_]+={_ON_A_BUCKET}'
  elif action.type in _NUMBERS:
    kind, rule = 'NUMBER', _NUMBERS[action.type]
  if takes_many(action):
    kind = 'TEXT'
    one = rule.replace('.+', '[^,]+')
    rule = f'{one}(,{one})*'
  return {'paramType': kind, 'regexes': [f'^{rule}$']}


def main(argv: Sequence[str] | None = None) -> int:
  """Prints a template's metadata."""
  parser = argparse.ArgumentParser(
    prog='python -m ul2_flan.pipelines.flex_template',
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  parser.add_argument('pipeline', choices=PIPELINES)
  args = parser.parse_args(argv)
  print(json.dumps(metadata(args.pipeline), indent=2, ensure_ascii=False))
  return 0


if __name__ == '__main__':
  command.run_main(main)
