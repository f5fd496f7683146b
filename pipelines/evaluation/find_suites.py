"""Finds the tasks of a run, their files, and the split that counts."""

from collections.abc import Iterator, Sequence
import dataclasses

from ul2_flan.pipelines.evaluation import benchmark_rows, catalog_rows, prepared
from ul2_flan.pipelines.evaluation.config import PAPER, Config
from ul2_flan.pipelines.run.paths import Ours
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources import Index
from ul2_flan.tasks.errors import given_by
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.reading import Material, find, material_of
from ul2_flan.tasks.evaluation.reading.parse import refuse_large
from ul2_flan.tasks.evaluation.suites import Suite, SuiteTask

# The kinds of pieces that have no questions.
_WITHOUT = ('prompts', 'exemplars')

# Splits that exemplars are taken from.
_OF_EXEMPLARS = ('dev', 'train')


@dataclasses.dataclass(frozen=True, slots=True)
class FoundTask:
  """A task and its files.

  Attributes:
    task: the task.
    pieces: its files, whole. They have no questions of other splits than
      `split` and those of exemplars. Some may be other tasks' too.
    split: whose questions are to be asked; maybe there are none.
    source: the number of the source of a task of the catalog, or of a
      benchmark.
  """

  task: SuiteTask
  pieces: tuple[Piece, ...]
  split: str
  source: int = 0

  @property
  def has_questions(self) -> bool:
    """Whether a file may have some."""
    return any(piece.kind not in _WITHOUT for piece in self.pieces)


def task_of(name: str) -> SuiteTask:
  """Returns a task by its full name."""
  return suites.load(name.partition(':')[0]).task(name)


def find_tasks(config: Config, output: str = '') -> Iterator[FoundTask]:
  """Yields the tasks that are wanted, suite by suite. It lists, and reads none.

  Args:
    config: the run's.
    output: the folder that it will write to; nothing there is a source.

  Raises:
    UserError: there is nothing below a source.
  """
  for name in config.suites or config.sources:
    with given_by(f'--source {name}'):
      index = Index.of(config.sources[name], Ours(output, config.name))
    listed = [file for name in index.names() for file in index.named(name)]
    sizes = {file.path: file.size for file in listed}
    suite = suites.load(name)
    found = find(suite, sizes)
    for task in _wanted(suite, config):
      of_task = [
        Piece(one.path, one.what, 0, size, size, split=one.split)
        for one in found
        if one.key in ('', task.key)
        for size in [sizes[one.path]]
      ]
      source = 0
      if suite.catalog:
        of_task, source = catalog_rows.find(task, index)
      elif task.form:
        wanted = _wanted_split(task, config)
        of_task, source = benchmark_rows.find(task, index, wanted)
      elif all(piece.kind in _WITHOUT for piece in of_task):
        of_task += prepared.find(task, index)
      split = _split(task, of_task, config.split)
      splits = (split, *(_OF_EXEMPLARS if task.exemplars else ()))
      pieces = (
        piece
        for piece in of_task
        if piece.kind in _WITHOUT or piece.split in splits
      )
      yield FoundTask(task, tuple(pieces), split, source)


def _wanted(suite: Suite, config: Config) -> list[SuiteTask]:
  tasks = [
    task
    for task in suite.tasks.values()
    if not config.tasks or task.name in config.tasks
  ]
  return [task for task in tasks if task.name not in config.without]


def _split(task: SuiteTask, pieces: Sequence[Piece], wanted: str) -> str:
  there = {piece.split for piece in pieces if piece.kind not in _WITHOUT}
  if wanted == PAPER or not (wanted or 'test' in there):
    return task.paper_split
  return wanted or 'test'


def _wanted_split(task: SuiteTask, config: Config) -> str:
  """Returns the split by which one of several sources is chosen."""
  return task.paper_split if config.split in ('', PAPER) else config.split


def read_material(
  task: SuiteTask, pieces: Sequence[Piece], source: int = 0
) -> Material:
  """Reads all that a task's files hold.

  Args:
    task: the task.
    pieces: those that were found.
    source: the number of their source, if the task is of the catalog or a
      benchmark.

  Raises:
    UserError: a file cannot be read.
  """
  if suites.load(task.suite).catalog:
    return catalog_rows.material_of(task, pieces, source)
  if task.form:
    return benchmark_rows.material_of(task, pieces, source)
  theirs = [piece for piece in pieces if piece.kind == prepared.KIND]
  whole = [piece for piece in pieces if piece.kind != prepared.KIND]
  for piece in whole:
    refuse_large(piece.size, piece.path)
  found = find(suites.load(task.suite), [piece.path for piece in whole])
  material = material_of(task, ((f, files.read_bytes(f.path)) for f in found))
  return prepared.with_questions(material, theirs)
