"""Which temporary files a run of the tests may leave, and why."""

from collections.abc import Mapping
import fnmatch
from pathlib import Path

# Patterns of paths below the folder for temporary files. What we write
# ourselves is never here: whoever makes a temporary file removes it, also on
# the machines of people who use these pipelines.
MAY_STAY: Mapping[str, str] = {
  '__autograph_generated_file*.py': (
    'TensorFlow removes its translations when the process exits'
  ),
  '__pycache__/__autograph_generated_file*': (
    'Python compiles these translations; pytest removes the folder'
  ),
  'tmp*/submission_environment_dependencies.txt': (
    'Beam lists the installed packages for every job of DataflowRunner, in a '
    'folder that it makes and never removes; no option names another'
  ),
}


def left_behind(
  folder: Path, may_stay: Mapping[str, str] = MAY_STAY
) -> list[str]:
  """The files below a folder, and the empty folders, that may not stay there.

  Returns:
    paths relative to the folder.
  """
  paths = [
    path.relative_to(folder).as_posix()
    for path in sorted(folder.rglob('*'))
    if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
  ]
  return [
    path
    for path in paths
    if not any(fnmatch.fnmatchcase(path, rule) for rule in may_stay)
  ]
