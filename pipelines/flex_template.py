"""Prints the metadata of the pipelines as Flex Templates of Dataflow.

    python -m ul2_flan.pipelines.flex_template ul2 > ul2.json

prints the file that `gcloud dataflow flex-template build --metadata-file`
takes. One image serves all pipelines, so each template has a parameter
`pipeline`, which must be its name.

A template's parameter is one string. So switches take true or false, and flags
with several values take them with commas between them.
"""

from collections.abc import Iterator, Sequence
import dataclasses
import json
import re
from typing import Any

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.tasks.arguments import command_parser
from ul2_flan.tasks.flags import Flag
from ul2_flan.tasks.messages import say

# Flags for the machine that launches, or for a plan without a run. A template's
# launcher never waits, so it cannot start a second pass.
NOT_FOR_TEMPLATES = {
  'json', 'local_memory_mb', 'local_workers', 'no_wait', 'passes', 'plan_only'
}  # fmt: skip

# Flags whose values the console lets people choose on a bucket.
_FOLDERS = {
  'evaluation', 'input', 'manifest', 'promptsource', 'templates', 'without_keys'
}  # fmt: skip
_FILES = {'definitions', 'denoisers', 'vocabulary'}

_ON_A_BUCKET = 'gs://.+'
_NUMBERS = {int: '-?[0-9_]+', float: '-?[0-9.]+(e-?[0-9]+)?'}


def metadata(pipeline: str) -> dict[str, Any]:
  """Describes a template, as JSON has it."""
  about = kind_of(pipeline).about.partition('\n\n')[0]
  first = {
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
    'parameters': [first, *(_parameter(*f) for f in flags_of(pipeline))],
  }


def flags_of(pipeline: str) -> Iterator[tuple[Flag, Any]]:
  """Yields the flags that are a template's parameters, and their defaults."""
  for group in kind_of(pipeline).all_flags:
    for flag in group.flags:
      if flag.name not in NOT_FOR_TEMPLATES:
        yield flag, group.default(flag)


def _parameter(flag: Flag, default: Any) -> dict[str, Any]:
  words = flag.name.replace('_', ' ')
  shown = '' if default is dataclasses.MISSING else default
  text = flag.help % {'default': shown}
  if flag.many:
    text += '. Several are separated by commas'
  if flag.metavar:
    metavar = flag.metavar
    name = metavar if isinstance(metavar, str) else ','.join(metavar)
    text = f'{name}: {text}'
  parameter: dict[str, Any] = {
    'name': flag.name,
    'label': words[0].upper() + words[1:],
    'helpText': text[0].upper() + text[1:] + '.',
    'isOptional': default is not dataclasses.MISSING,
    **_kind(flag),
  }
  if isinstance(shown, (list, tuple)):
    shown = ','.join(map(str, shown))
  if shown not in (None, '', False, {}):
    parameter['defaultValue'] = str(shown)
  return parameter


def _kind(flag: Flag) -> dict[str, Any]:
  """Chooses the type of a parameter's value, and the rule that it obeys."""
  if flag.is_switch:
    return {'paramType': 'BOOLEAN', 'regexes': ['^(true|false)$']}
  if flag.choices:
    options = [{'value': c, 'label': c} for c in flag.choices]
    one_of = '|'.join(map(re.escape, flag.choices))
    return {
      'paramType': 'ENUM',
      'enumOptions': options,
      'regexes': [f'^({one_of})$'],
    }
  kind, rule = 'TEXT', '.+'
  if flag.name == 'output':
    kind, rule = 'GCS_WRITE_FOLDER', _ON_A_BUCKET
  elif flag.name in _FOLDERS | _FILES:
    kind = 'GCS_READ_FILE' if flag.name in _FILES else 'GCS_READ_FOLDER'
    rule = _ON_A_BUCKET
  elif flag.name == 'source':
    rule = f'[a-z0-9_]+={_ON_A_BUCKET}'
  elif flag.type in _NUMBERS:
    kind, rule = 'NUMBER', _NUMBERS[flag.type]
  if flag.many:
    kind = 'TEXT'
    one = rule.replace('.+', '[^,]+')
    rule = f'{one}(,{one})*'
  return {'paramType': kind, 'regexes': [f'^{rule}$']}


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Prints a template's metadata."""
  prog = prog or 'python -m ul2_flan.pipelines.flex_template'
  parser = command_parser(prog, __doc__)
  parser.add_argument('pipeline', choices=KINDS)
  args = parser.parse_args(argv)
  say(json.dumps(metadata(args.pipeline), indent=2, ensure_ascii=False))
  return 0


if __name__ == '__main__':
  command.run_main(main)
