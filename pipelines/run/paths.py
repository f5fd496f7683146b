"""Paths of everything that a run writes below its output folder."""

import functools
import os
import re

from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.manifests import (
  PROGRESS_FOLDER as PROGRESS_FOLDER,
)
from ul2_flan.tasks import manifest as manifest_lib

QUARANTINE_FOLDER = 'quarantine'

# The cards of a finished run: the hub's, and Croissant metadata.
CARD, CROISSANT = 'README.md', 'croissant.json'
CARDS = (CARD, CROISSANT)

# The names of the files in a data set's folder.
OF_DATA_SET = re.compile(
  r'(train|validation|test)\.tfrecord-\d{5,}-of-\d{5,}'
  r'|(info|stats)\.(train|validation|test)\.json|COMPLETED'
)

# The names of the files of runs that write shards alone, of other formats.
OF_EXPORT = re.compile(
  r'(train|validation|test)(\.array_record-\d{5,}-of-\d{5,}'
  r'|-\d{5,}-of-\d{5,}\.(parquet|jsonl))'
)


def progress_folder(output: str) -> str:
  """The folder that a run deletes when it is finished."""
  return files.join(output, PROGRESS_FOLDER)


def plan_path(output: str) -> str:
  """The plan of an unfinished run; its absence ends the run for workers."""
  return files.join(output, PROGRESS_FOLDER, 'plan.json')


def report_path(output: str, item: int) -> str:
  """The report of a work item; its existence says that the item is done."""
  return files.join(output, PROGRESS_FOLDER, f'item-{item:06d}.json')


def beat_path(output: str, item: int) -> str:
  """The heartbeat of a work item: how far its worker is."""
  return files.join(output, PROGRESS_FOLDER, f'beat-{item:06d}.json')


def read_mark(output: str, first: int, number: int, size: int) -> str:
  """The mark that a read is done, for work items that need all reads.

  Args:
    output: the output folder.
    first: the first work item of the pass that reads.
    number: of the read.
    size: the bytes that it read.
  """
  name = f'read-{first:06d}-{number:06d}-{size}'
  return files.join(output, PROGRESS_FOLDER, name)


def scratch_path(group: str, part: int) -> str:
  """The file of a part that later work items read, below the output."""
  return f'{PROGRESS_FOLDER}/scratch/{group}-{part:06d}'


def quarantine_folder(output: str) -> str:
  """The folder of all that work items rejected."""
  return files.join(output, QUARANTINE_FOLDER)


def quarantine_path(output: str, item: int) -> str:
  """The records that a work item rejected."""
  return files.join(output, QUARANTINE_FOLDER, f'item-{item:06d}.jsonl')


def manifest_path(output: str) -> str:
  """The manifest of a finished run."""
  return files.join(output, manifest_lib.FILE_NAME)


def summary_path(output: str) -> str:
  """The summary of a finished run, for people."""
  return files.join(output, 'summary.txt')


def completed_path(output: str, data_set: str) -> str:
  """The file whose existence tells seqio that a data set is whole."""
  return files.join(output, manifest_lib.folder_of(data_set), 'COMPLETED')


class Ours:
  """Whether a file that was found below an input is the run's own."""

  def __init__(
    self, output: str, name: str, shards: re.Pattern[str] = OF_DATA_SET
  ):
    """Takes the output, and the first part of its data sets' names.

    Args:
      output: the output folder; '' if it is not known, and then nothing is
        ours.
      name: of the run.
      shards: what the names of the files in its data sets' folders match.
    """
    self._shards = shards
    self._is_local = files.is_local(output)
    self._real = functools.cache(
      os.path.realpath if self._is_local else lambda path: path.rstrip('/')
    )
    self._output = self._real(output) if output else ''
    self._top = name.split(':')[0]

  def __call__(self, root: str, path: str) -> bool:
    """Says whether a file is ours.

    Args:
      root: the folder that the user named, or in which a pattern begins.
      path: a file below it.
    """
    if not self._output or files.is_local(path) != self._is_local:
      return False
    folder, _, name = path.rpartition('/')
    if self._is_local and not folder:
      folder = '/' if path.startswith('/') else '.'
    whole = f'{self._real(folder).rstrip("/")}/{name}'
    prefix = self._output.rstrip('/') + '/'
    if not whole.startswith(prefix):
      return False
    above = self._real(root or '.') if self._is_local else self._real(root)
    if prefix.startswith(above.rstrip('/') + '/') and above != self._output:
      return True
    # The sources lie beside what is ours, or below it.
    within = whole[len(prefix) :]
    if within in (manifest_lib.FILE_NAME, summary_path(''), *CARDS):
      return True
    top = within.split('/')[0]
    return top in (PROGRESS_FOLDER, QUARANTINE_FOLDER) or (
      top == self._top and bool(self._shards.fullmatch(name))
    )
