"""Paths of everything that a run writes below its output folder."""

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib

# Until the run is finished, this folder holds the plan, reports, heartbeats,
# files under their temporary names, and what the local runner shuffles.
PROGRESS_FOLDER = '_progress'

QUARANTINE_FOLDER = 'quarantine'


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
