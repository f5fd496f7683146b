"""A checkout of google-research/FLAN to a folder of templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from pathlib import Path
from typing import Any

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.as_toml import as_toml
from ul2_flan.tasks.flan_import.convert import Made, Tables, convert
from ul2_flan.tasks.flan_import.patterns import (
  family_of,
  patterns,
  why_left_out,
)
from ul2_flan.tasks.rendering import OwnTemplates
from ul2_flan.tasks.rendering.instances.prepare import bare_fields
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.template import FewShot, Template

# Places of wordings that are named where many have the same fault.
_NAMED = 3


def import_templates(checkout: str, output: str) -> Iterator[str]:
  """Writes a file for each task, or family, that FLAN has words for.

  Yields:
    Lines that tell of each file, and of what found no place.

  Raises:
    UserError: no checkout is there, one of its files is not literal, or
      something is in the output's folder already.
  """
  if _is_there(output):
    raise UserError(f"'{output}' is there already: remove it, or name another")
  tables = Tables.read(Path(checkout))
  files: dict[str, str] = {}
  problems: list[str] = []
  for name, pattern in patterns().items():
    if name not in tables.shown:
      problems.append(f'{name}: this checkout has no such pattern')
      continue
    made = {to: convert(name, pattern, to, tables) for to in pattern.to}
    for target, own in made.items():
      if own.templates:
        path = target.replace(':', '/') + '.toml'
        family = _family(family_of(target), own, _bare(target))
        files[path] = as_toml(family, f"google-research/FLAN, '{name}'")
        yield (
          f'{path}: {len(own.templates)} templates, '
          f'{len(own.few_shot)} for few shots'
        )
    problems += [f'{name}: {why}' for why in _why_not(list(made.values()))]
  OwnTemplates.of(files)
  for path, text in files.items():
    _write(f'{output.rstrip("/")}/{path}', text.encode())
  problems += [
    f'{name}: {why_left_out(name)}'
    for name in {**tables.shown, **tables.few_shot, **tables.with_example}
    if name not in patterns()
  ]
  yield f'{len(files)} files are in {output}; use it as --templates {output}'
  if problems:
    yield 'Not taken over:'
    yield from (f'  {problem}' for problem in problems)


def _is_there(output: str) -> bool:
  if buckets.is_bucket(output):
    return bool(buckets.bucket_of(output).match(output.rstrip('/') + '/**'))
  folder = Path(output)
  return folder.is_file() or (folder.is_dir() and any(folder.iterdir()))


def _write(path: str, data: bytes) -> None:
  if buckets.is_bucket(path):
    buckets.bucket_of(path).write_bytes(path, data)
    return
  Path(path).parent.mkdir(parents=True, exist_ok=True)
  Path(path).write_bytes(data)


def _why_not(made: Sequence[Made]) -> Iterator[str]:
  """Which of a pattern's wordings none of our tasks got, and why."""
  reasons: dict[str, dict[str, None]] = {}
  for own in made:
    for why, places in own.why_not.items():
      reasons.setdefault(why, {}).update(dict.fromkeys(places))
  for why, where in reasons.items():
    yield f'{len(where)} wordings, since {why} ({_some(list(where))})'
  nowhere = set.intersection(*(own.elsewhere for own in made))
  if nowhere:
    words = _some(sorted(repr(wording.inputs) for wording in nowhere))
    yield f'{len(nowhere)} wordings, since no task asks for that ({words})'


def _some(things: Sequence[str]) -> str:
  more = len(things) - _NAMED
  rest = f', and {more} more' if more > 0 else ''
  return ', '.join(things[:_NAMED]) + rest


def _bare(target: str) -> tuple[str, ...]:
  """The fields of a task that their words are made for as the source has them.

  Theirs write "{question}?" where the source's questions have no mark.
  """
  if ':' not in target:
    return ()
  return bare_fields(catalog.load(target).sources[0])


def _family(family: Family, made: Made, bare: tuple[str, ...]) -> Family:
  """Our family with these wordings, and with the fields that they use."""
  words: list[Template | FewShot] = [*made.templates, *made.few_shot]
  used = {f for w in words for f in w.fields}
  return dataclasses.replace(
    family,
    fields=_only(used, family.fields),
    input=tuple(f for f in family.input if f in used),
    samples=tuple(
      _as_source(_only(used, sample), bare) for sample in family.samples
    ),
    as_source=tuple(f for f in bare if f in used),
    trim=family.trim if family.trim in used else '',
    trim_keeps=family.trim_keeps if family.trim in used else '',
    templates=tuple(made.templates),
    few_shot=tuple(made.few_shot),
    repeat=family.repeat and not made.few_shot,
  )


def _as_source(sample: dict[str, Any], bare: Sequence[str]) -> dict[str, Any]:
  """A sample with its question as it would stand in such a source.

  >>> _as_source({'question': 'Who ran?', 'answer': 'Ada'}, ('question',))
  {'question': 'who ran', 'answer': 'Ada'}
  """
  if 'question' not in bare or 'question' not in sample:
    return sample
  text = sample['question'].rstrip('?')
  return {**sample, 'question': text[:1].lower() + text[1:]}


def _only(names: set[str], values: Mapping[str, Any]) -> dict[str, Any]:
  return {name: value for name, value in values.items() if name in names}
