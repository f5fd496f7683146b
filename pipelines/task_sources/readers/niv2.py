"""Reads task files of NaturalInstructions, in the three forms that exist.

* Super-NaturalInstructions, today: `Definition` is a list, instances have ids.
* The same in September 2021: `Definition` is a text.
* BIG-bench's `natural_instructions`: the first version's tasks, as `examples`.

What the files call an instance is a row here.
"""

from collections.abc import Iterator
import json
import re
from typing import Any

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import DamagedFileError
from ul2_flan.pipelines.task_sources.readers import json_file
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import RowCollector
from ul2_flan.tasks.catalog import Source, Task


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a task; a place is a row's number.

  A row has `definition`, `input`, `output` (a list of all right answers), and
  `positive` and `negative` (the file's good and bad examples: `input`,
  `output` and `explanation`), and `given_definition` where the file has other
  white space, or more than one text. Its key is made of the input and outputs
  alone, so it is the same in all three forms.

  Rejects:
    wrong_type: an instance without a text as input or texts as output.
    not_a_task: the whole file, if it has not the form of one.
    damaged_file: the whole file, if it is no JSON.
  """
  collector = RowCollector(piece, source)
  try:
    document = json_file.load(piece, collector)
    given, shared = _parts(document)
  except (DamagedFileError, _NotATaskError) as e:
    is_damaged = isinstance(e, DamagedFileError)
    collector.reject(0, DAMAGED_FILE if is_damaged else 'not_a_task', str(e))
    yield collector.take(piece.size)
    return
  for instance in given:
    if collector.next_row():
      _add(collector, instance, shared)
    if len(collector) >= options.block_rows:
      done = piece.size * (collector.number + 1) // len(given)
      yield collector.take(done)
  yield collector.take(piece.size)


class _NotATaskError(ValueError):
  """A document has not the form of a task."""


def _parts(document: Any) -> tuple[list[Any], dict[str, Any]]:
  """Returns a task's instances, and what all its rows share.

  Raises:
    _NotATaskError: the document has not the form of a task.
  """
  if not isinstance(document, dict):
    raise _NotATaskError('it holds no object')
  first: Any = None
  if 'task_prefix' in document and 'examples' in document:
    definition = _of_prefix(document['task_prefix'])
    instances = document['examples']
  else:
    for name in ('Definition', 'Instances'):
      if name not in document:
        raise _NotATaskError(
          f"no '{name}'; it has {', '.join(list(document)[:20])}"
        )
    definition = document['Definition']
    # TFDS, which google-research/FLAN reads, has the first.
    first = (
      next(iter(definition), '') if isinstance(definition, list) else definition
    )
    instances = document['Instances']
  if isinstance(definition, list):
    definition = '\n'.join(map(str, definition))
  if not isinstance(definition, str) or not isinstance(instances, list):
    raise _NotATaskError('definition or instances are of another kind')
  shared: dict[str, Any] = {
    name: _examples(document.get(f'{name.capitalize()} Examples'))
    for name in ('positive', 'negative')
  }
  shared['definition'] = _definition(definition)
  if isinstance(first, str) and first != shared['definition']:
    shared['given_definition'] = first
  return instances, shared


# BIG-bench's definitions begin with the word.
_HEAD = re.compile(r'^\s*Definition:\s*')


def _definition(text: str) -> str:
  """Returns the definition without the word `Definition:` before it."""
  return _HEAD.sub('', text).strip()


_HEADING = '(?:Things to Avoid|Emphasis/Caution|Prompt):'
_EMPTY = re.compile(rf'{_HEADING}\s*-\s*(?={_HEADING}|$)')
_SPACES = re.compile(r'[^\S\n]+')
_LINES = re.compile(r' ?\n ?')


def _of_prefix(prefix: Any) -> Any:
  """Removes the empty headings and doubled spaces of BIG-bench's prefix.

  The prefix joins a definition, things to avoid, a caution and a prompt; a dash
  stands for what a task lacks. What is no text is returned as it is.

  >>> _of_prefix('Add.  Things to Avoid: - Emphasis/Caution: - Prompt: Answer.')
  'Add. Prompt: Answer.'
  """
  if not isinstance(prefix, str):
    return prefix
  spaced = _SPACES.sub(' ', _EMPTY.sub('', prefix))
  return _LINES.sub('\n', spaced).strip()


def _examples(given_examples: Any) -> list[dict[str, Any]]:
  """Returns the examples that have an input and an output."""
  examples = []
  for example in given_examples if isinstance(given_examples, list) else []:
    if not isinstance(example, dict):
      continue
    given, answer = example.get('input'), example.get('output')
    if isinstance(answer, list):
      # Of several right answers, an exemplar shows the first.
      answer = next(iter(answer), None)
    if isinstance(given, str) and isinstance(answer, str):
      why = example.get('explanation')
      why = why if isinstance(why, str) else ''
      examples.append({'input': given, 'output': answer, 'explanation': why})
  return examples


def _add(
  collector: RowCollector, instance: Any, shared: dict[str, Any]
) -> None:
  """Adds an instance as a row, or rejects it."""
  number = collector.number
  given = instance.get('input') if isinstance(instance, dict) else None
  output: Any = None
  if given is not None:
    # BIG-bench calls it the target.
    output = instance.get('output', instance.get('target'))
  outputs = [output] if isinstance(output, str) else output
  if (
    not isinstance(given, str)
    or not isinstance(outputs, list)
    or not all(isinstance(o, str) for o in outputs)
  ):
    shown = json.dumps(instance, ensure_ascii=True).encode()
    detail = 'an instance has a text as input and texts as output'
    collector.reject(number, 'wrong_type', detail, shown)
    return
  row = {'input': given, 'output': outputs, **shared}
  collector.put(number, row, [given, outputs])
