"""Reads the manifest of a finished run, wherever its output lies."""

from collections.abc import Mapping
import os

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

# Until the run is finished, this folder holds the plan, reports, heartbeats,
# files under their temporary names, and what the local runner shuffles.
PROGRESS_FOLDER = '_progress'

# The folder of a task's data set lies so far below the output at most.
_DEEPEST = 4


def manifest_of(output: str) -> Manifest:
  """Reads the manifest of an output folder.

  Raises:
    UserError: there is no manifest, so the run has not finished; or it is not
      as the run wrote it.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  return manifest_lib.parse(manifest_bytes(output), path)


def manifest_as_planned(known: Mapping[str, str]) -> Manifest:
  """Reads the manifest of a run, the one that a plan was made for.

  Args:
    known: its 'output', and the fingerprint of its own 'plan'.

  Raises:
    UserError: it is not there any more, or another run has taken its place.
  """
  output = known['output']
  manifest = manifest_of(output)
  if manifest.run['plan'] != known['plan']:
    raise UserError(
      f'{files.join(output, manifest_lib.FILE_NAME)} is of another run than '
      'when this one was planned; plan anew, with --overwrite if there is '
      'something in the output'
    )
  return manifest


def manifest_bytes(output: str) -> bytes:
  """Reads the file of an output folder's manifest.

  Raises:
    UserError: there is none, so the run has not finished, or there was none.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  is_folder = files.is_local(path) and os.path.isdir(path)
  if is_folder or not files.exists(path):
    raise UserError(f'there is no {path}: {_why_none(output)}')
  return files.read_bytes(path)


def _why_none(output: str) -> str:
  """Says why an output has no manifest, and what to do."""
  if files.exists(files.join(output, PROGRESS_FOLDER, 'plan.json')):
    return (
      'the run there has not ended. Run the same command again: it goes on '
      'where it stopped'
    )
  give = 'Give the --output of a finished run'
  if files.is_local(output):
    if not os.path.isdir(output):
      what = 'is not a folder' if os.path.exists(output) else 'does not exist'
      return f'{output} {what}. {give}'
    if os.path.isdir(files.join(output, manifest_lib.FILE_NAME)):
      return f'there is a folder of this name. {give}'
    if not os.listdir(output):
      return f'{output} is empty. {give}'
    above = os.path.abspath(output)
    for _ in range(_DEEPEST):
      above = os.path.dirname(above)
      if os.path.isfile(files.join(above, manifest_lib.FILE_NAME)):
        return f'it is in {above}. Give that folder'
  return f'no run has ended there. {give}'
