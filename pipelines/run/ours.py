"""Tells a run's own files from its sources: an output may lie among these."""

import functools
import os
import re

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib

# The names of the files in a data set's folder.
OF_DATA_SET = re.compile(
  r'(train|validation)\.tfrecord-\d{5,}-of-\d{5,}'
  r'|(info|stats)\.(train|validation)\.json|COMPLETED'
)


class Ours:
  """Whether a file that was found below an input is the run's own."""

  def __init__(self, output: str, name: str):
    """Takes the output, and the first part of its data sets' names.

    Args:
      output: the output folder; '' if it is not known, and then nothing is
        ours.
      name: of the run.
    """
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
    if within in (manifest_lib.FILE_NAME, paths.summary_path('')):
      return True
    top = within.split('/')[0]
    return top in (paths.PROGRESS_FOLDER, paths.QUARANTINE_FOLDER) or (
      top == self._top and bool(OF_DATA_SET.fullmatch(name))
    )
