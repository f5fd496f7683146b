"""Finds and reads the rows of tasks, of which no run has made examples yet.

A row's text has all that a template may show of it: what is asked, the options,
the answer, and its other fields.
"""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.contamination.texts.block import Place
from ul2_flan.pipelines.flan import find_tasks
from ul2_flan.pipelines.flan.config import Config as FlanConfig
from ul2_flan.pipelines.flan.context import task_of
from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources import ReadOptions, RowBlock, read
from ul2_flan.tasks.contamination import Hits, Scanner
from ul2_flan.tasks.rendering import Prepared, family_of, prepare

# Of what is drawn from a row, such as the turn of a dialogue that is asked for.
_SEED = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
  """Instances of rows; see `Block`.

  Attributes:
    block: the rows.
    made: the instances that a run makes of them.
    texts: those of the instances.
    rejects: rows that cannot be read, and those that no run uses.
  """

  block: RowBlock
  made: Prepared
  texts: Sequence[str]
  rejects: list[Reject]

  @property
  def source_bytes(self) -> int:
    return self.block.source_bytes

  def __len__(self) -> int:
    return len(self.texts)

  def scan(self, scanner: Scanner, start: int) -> Iterator[Hits]:
    yield from scanner.scan(self.texts, start)

  def place(self, index: int) -> Place:
    key = int(self.made.instances.keys[index])
    place = self.block.places[self.made.row[index]]
    return Place(f'{key:016x}', f'{self.block.source}:{place}')


def find_rows(
  sources: Mapping[str, Sequence[str]], output: str
) -> tuple[list[Piece], dict[str, dict[str, Any]]]:
  """Finds the training rows of all tasks of the catalog below some folders.

  Tasks that a run takes only if it is told to are among them, but none that
  asks for the question of another's rows.

  Args:
    sources: suite to folders.
    output: the folder that the search will write to; nothing there is a source.

  Returns:
    the pieces of all tasks, each with its task's name as its split; and of each
    task what a plan of `flan` keeps.

  Raises:
    UserError: no task has files.
  """
  config = FlanConfig(
    sources=sources, vocabulary='', left_out=True, unlisted=True
  )
  found = find_tasks.find(config, output)
  if not found.located:
    raise find_tasks.nothing_found(config, found)
  tasks = [(task, at) for task, at in found.located if not task.inverted]
  return (
    [
      dataclasses.replace(piece, split=task.name)
      for task, located in tasks
      for piece in located.splits['train']
    ],
    {task.name: found.known[task.name] for task, _ in tasks},
  )


def read_rows(
  piece: Piece, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Rows]:
  """Reads the rows of a piece, as a run of `flan` does.

  Args:
    piece: one of `find_rows`.
    known: what that says of each task.
  """
  task = task_of({'tasks': known}, piece.split)
  source = task.sources[known[task.name]['source']]
  order = [*family_of(task).input, 'options', 'answer']
  for block in read(piece, task, source, ReadOptions()):
    made = prepare(block.rows, block.keys, task=task, source=source, seed=_SEED)
    yield Rows(
      block,
      made,
      [_text(fields, order) for fields in made.instances],
      [
        *block.rejects,
        *(
          Reject.of(block.source, block.places[i], reason, task.name, b'')
          for reason, rows in made.rejects.items()
          for i in rows
        ),
      ],
    )


def _text(fields: Mapping[str, Any], order: Sequence[str]) -> str:
  """Joins the fields of an instance; those of `order` come first.

  >>> _text({'answer': 'yes', 'title': 'On', 'question': 'Is it?'},
  ...       ['question', 'options', 'answer'])
  'Is it? yes On'
  """
  names = dict.fromkeys([*order, *fields])
  values = [fields[name] for name in names if fields.get(name)]
  return ' '.join(v if isinstance(v, str) else ' '.join(v) for v in values)
