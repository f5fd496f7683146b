"""Task files of NaturalInstructions, in all the forms that are around.

* Super-NaturalInstructions, today: `Definition` is a list, instances have ids.
* The same in September 2021: `Definition` is a text.
* BIG-bench's `natural_instructions`: the first version's tasks, as `examples`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import json
import re
from typing import Any

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import Collector
from ul2_flan.pipelines.task_sources.index import File, Index
from ul2_flan.pipelines.task_sources.readers import json_file
from ul2_flan.tasks.catalog import Source, Task


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """The first file of the task's name."""
  found = files_of(source.locator, index)
  if not found:
    return {}
  file = found[0]
  return {'train': (Piece(file.path, 'niv2', 0, file.size, file.size),)}


def files_of(name: str, index: Index) -> list[File]:
  """Files of a task's name, or else BIG-bench's of the same task."""
  return index.named(name) or _of_bigbench(name, index)


def _of_bigbench(name: str, index: Index) -> list[File]:
  """Files of BIG-bench, by the task's number: two names are spelt otherwise.

  They are `subtask002_quoref_answer_generation/task.json`, or are called after
  that folder.
  """
  number = re.match(r'task0\d\d_', name)
  if not number:
    return []
  prefix = f'sub{number[0]}'
  own = [file for n in index.starting(prefix) for file in index.named(n)]
  return own or index.matching(f'{prefix}*/task.json')


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The instances of a task; a place is an instance's number.

  Records have `definition`, `input`, `output` (all that are right) and
  `positive` (the good examples, each with `input`, `output`, `explanation`).
  A key is of the input and the outputs.
  """
  collector = Collector(piece, source)
  try:
    document = json_file.load(piece)
    definition, instances, positive = _parts(document)
  except json_file.BadFileError as e:
    collector.reject(0, 'damaged_file', str(e))
    yield collector.take(piece.size)
    return
  for instance in instances:
    if collector.next_row():
      _add(collector, instance, definition, positive)
    if len(collector) >= options.block_rows:
      done = piece.size * (collector.row + 1) // len(instances)
      yield collector.take(done)
  yield collector.take(piece.size)


def _parts(document: Any) -> tuple[str, list[Any], list[dict[str, Any]]]:
  """A task's definition, instances and good examples."""
  if not isinstance(document, dict):
    raise json_file.BadFileError('it holds no object')
  if 'task_prefix' in document and 'examples' in document:
    definition = _of_prefix(document['task_prefix'])
    instances = document['examples']
    positive: Any = None
  else:
    for name in ('Definition', 'Instances'):
      if name not in document:
        raise json_file.BadFileError(
          f"no '{name}'; it has {', '.join(list(document)[:20])}"
        )
    definition = document['Definition']
    instances = document['Instances']
    positive = document.get('Positive Examples')
  if isinstance(definition, list):
    definition = '\n'.join(map(str, definition))
  if not isinstance(definition, str) or not isinstance(instances, list):
    raise json_file.BadFileError('definition or instances are of another kind')
  return _definition(definition), instances, _examples(positive)


_HEAD = re.compile(r'^\s*Definition:\s*')


def _definition(text: str) -> str:
  """The definition without the word, which BIG-bench's have before it."""
  return _HEAD.sub('', text).strip()


_HEADING = '(?:Things to Avoid|Emphasis/Caution|Prompt):'
_EMPTY = re.compile(rf'{_HEADING}\s*-\s*(?={_HEADING}|$)')
_SPACES = re.compile(r'[^\S\n]+')
_LINES = re.compile(r' ?\n ?')


def _of_prefix(prefix: Any) -> Any:
  """BIG-bench's prefix without its empty headings and doubled spaces.

  It is made of a definition, things to avoid, a caution and a prompt, and one
  that a task has not got is a dash. What is no text is given back as it is.

  >>> _of_prefix('Add.  Things to Avoid: - Emphasis/Caution: - Prompt: Answer.')
  'Add. Prompt: Answer.'
  """
  if not isinstance(prefix, str):
    return prefix
  spaced = _SPACES.sub(' ', _EMPTY.sub('', prefix))
  return _LINES.sub('\n', spaced).strip()


def _examples(positive: Any) -> list[dict[str, Any]]:
  """The good examples that have an input and an output."""
  examples = []
  for example in positive if isinstance(positive, list) else []:
    if not isinstance(example, dict):
      continue
    given, answer = example.get('input'), example.get('output')
    if isinstance(answer, list):
      answer = next(iter(answer), None)
    if isinstance(given, str) and isinstance(answer, str):
      told = example.get('explanation')
      told = told if isinstance(told, str) else ''
      examples.append({'input': given, 'output': answer, 'explanation': told})
  return examples


def _add(
  collector: Collector,
  instance: Any,
  definition: str,
  positive: list[dict[str, Any]],
) -> None:
  row = collector.row
  given = instance.get('input') if isinstance(instance, dict) else None
  output: Any = None
  if given is not None:
    output = instance.get('output', instance.get('target'))
  outputs = [output] if isinstance(output, str) else output
  if (
    not isinstance(given, str)
    or not isinstance(outputs, list)
    or not all(isinstance(o, str) for o in outputs)
  ):
    shown = json.dumps(instance, ensure_ascii=True).encode()
    detail = 'an instance has a text as input and texts as output'
    collector.reject(row, 'wrong_type', detail, shown)
    return
  record = {
    'definition': definition,
    'input': given,
    'output': outputs,
    'positive': positive,
  }
  collector.put(row, record, [given, outputs])
