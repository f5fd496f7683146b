"""Writes the templates of a checkout of google-research/FLAN to a folder."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from pathlib import Path
from typing import Any

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.as_toml import as_toml
from ul2_flan.tasks.flan_import.convert import (
  Converted,
  Tables,
  convert,
  nowhere,
)
from ul2_flan.tasks.flan_import.patterns import (
  Pattern,
  family_of,
  patterns,
  why_left_out,
)
from ul2_flan.tasks.flan_import.released import released_toml
from ul2_flan.tasks.rendering import OwnTemplates
from ul2_flan.tasks.rendering.styles.released_styles import RELEASED
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.template import FewShot, Template

# Where many templates have the same fault, the report names three places.
_NAMED = 3


def import_templates(checkout: str, output: str) -> Iterator[str]:
  """Writes a file for each task, or family, that FLAN has templates for.

  Args:
    checkout: a folder with the files of google-research/FLAN.
    output: a folder, which is made; or a path in a bucket.

  Yields:
    lines that report each file, once all are written, and then what could not
    be taken over.

  Raises:
    UserError: there is no checkout, one of its files is not literal, or there
      is something in the output's folder already. Then nothing is written.
  """
  buckets.refuse_other_schemes('--output', output)
  if _is_there(output):
    raise UserError(f"--output '{output}' exists: remove it, or name another")
  tables = Tables.read(Path(checkout))
  files: dict[str, str] = {}
  if styles := released_toml(Path(checkout)):
    files[RELEASED] = styles
  said: list[str] = []
  problems: list[str] = []
  for name, pattern in patterns().items():
    if name not in tables.shown:
      problems.append(f'{name}: this checkout has no such pattern')
      continue
    by_target = _convert(name, pattern, tables)
    for target, converted in by_target.items():
      if converted.templates:
        path = target.replace(':', '/') + '.toml'
        family = _family(target, converted)
        files[path] = as_toml(family, f"google-research/FLAN, '{name}'")
        said.append(
          f'{path}: {len(converted.templates)} zero-shot and '
          f'{len(converted.few_shot)} few-shot templates'
        )
    problems += [f'{name}: {why}' for why in _why_not([*by_target.values()])]
  OwnTemplates.of(files)  # raises if a file is not what a run accepts
  for path, text in files.items():
    _write(f'{output.rstrip("/")}/{path}', text.encode())
  # Not before: a reader that leaves early, such as `head`, ends a generator.
  yield from said
  problems += [
    f'{name}: {why_left_out(name)}'
    for name in {**tables.shown, **tables.few_shot, **tables.with_example}
    if name not in patterns()
  ]
  yield f'{len(files)} files are in {output}; use it as --templates {output}'
  if not styles:
    problems.append('styles: this checkout has none, so no --as_released')
  if problems:
    yield 'Not taken over:'
    yield from (f'  {problem}' for problem in problems)


def _convert(
  name: str, pattern: Pattern, tables: Tables
) -> dict[str, Converted]:
  """Converts a pattern for each of our tasks or families that it is for."""
  by_target = {to: convert(name, pattern, to, tables) for to in pattern.to}
  if pattern.rest:
    by_target[pattern.rest].take(nowhere([*by_target.values()]))
  return by_target


def _is_there(output: str) -> bool:
  if buckets.is_bucket(output):
    return bool(buckets.bucket_of(output).below(output.rstrip('/') + '/'))
  folder = Path(output)
  return folder.is_file() or (folder.is_dir() and any(folder.iterdir()))


def _write(path: str, data: bytes) -> None:
  if buckets.is_bucket(path):
    buckets.bucket_of(path).write_bytes(path, data)
    return
  Path(path).parent.mkdir(parents=True, exist_ok=True)
  Path(path).write_bytes(data)


def _why_not(targets: Sequence[Converted]) -> Iterator[str]:
  """Yields which of a pattern's templates none of our tasks got, and why."""
  reasons: dict[str, dict[str, None]] = {}
  for converted in targets:
    for why, places in converted.why_not.items():
      reasons.setdefault(why, {}).update(dict.fromkeys(places))
  for why, where in reasons.items():
    yield (
      f'left out {len(where)} of its templates, since {why} '
      f'({_some(list(where))})'
    )
  if left := nowhere(targets):
    inputs = _some(sorted(repr(template.inputs) for template in left))
    yield (
      f'left out {len(left)} of its templates, since no task asks for that '
      f'({inputs})'
    )


def _some(things: Sequence[str]) -> str:
  more = len(things) - _NAMED
  rest = f', and {more} more' if more > 0 else ''
  return ', '.join(things[:_NAMED]) + rest


def _family(target: str, converted: Converted) -> Family:
  """Returns our family with these templates, and the fields that they use."""
  family = family_of(target)
  task = catalog.load(target) if ':' in target else None
  fields = {**family.fields, **(task.flan.fields if task else {})}
  both: list[Template | FewShot] = [*converted.templates, *converted.few_shot]
  used = {field for template in both for field in template.fields}
  return dataclasses.replace(
    family,
    fields=_only(used, fields),
    input=tuple(f for f in family.input if f in used),
    samples=tuple(
      _only(used, fields | _as_flan(sample, task)) for sample in family.samples
    ),
    rows='flan',
    trim=family.trim if family.trim in used else '',
    trim_keeps=family.trim_keeps if family.trim in used else '',
    templates=tuple(converted.templates),
    few_shot=tuple(converted.few_shot),
    repeat=family.repeat and not converted.few_shot,
  )


def _as_flan(sample: Mapping[str, Any], task: Task | None) -> dict[str, Any]:
  """Returns a sample with FLAN's labels, and its question as the source's.

  >>> sample = {'question': 'Who ran?', 'answer': 'Ada'}
  >>> _as_flan(sample, catalog.load('flan2021:natural_questions'))
  {'question': 'who ran', 'answer': 'Ada'}
  """
  made = dict(sample)
  if task and task.sources[0].tidy.get('question') == 'question':
    text = made['question'].rstrip('?')
    made['question'] = text[:1].lower() + text[1:]
  if task and task.flan.labels and made['answer'] in task.labels:
    made['options'] = task.flan.labels
    made['answer'] = made['options'][task.labels.index(made['answer'])]
  return made


def _only(names: set[str], values: Mapping[str, Any]) -> dict[str, Any]:
  return {name: value for name, value in values.items() if name in names}
