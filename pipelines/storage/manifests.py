"""Reads the manifest of a finished run, wherever its output lies."""

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


def manifest_of(output: str) -> Manifest:
  """Reads the manifest of an output folder.

  Raises:
    UserError: there is no manifest, so the run has not finished.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  if not files.exists(path):
    raise UserError(
      f'there is no {path}: the run is not complete, or this is not the '
      '--output of one. Run the pipeline again; it goes on where it stopped'
    )
  return manifest_lib.parse(files.read_bytes(path), path)
