"""Reads the manifest of a finished run, wherever its output lies."""

from collections.abc import Mapping

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


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
    UserError: there is none, so the run has not finished.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  if not files.exists(path):
    raise UserError(
      f'there is no {path}: the run is not complete, or this is not the '
      '--output of one. Run the pipeline again; it goes on where it stopped'
    )
  return files.read_bytes(path)
