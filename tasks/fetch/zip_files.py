"""Takes zip files apart."""

from collections.abc import Callable
from pathlib import Path
import shutil
import zipfile
import zlib

from ul2_flan.tasks.fetch.lock import PARTS, Lock


def extract(
  archive: Path,
  below: str,
  folder: Path,
  lock: Lock,
  where: str,
  wants: Callable[[str], bool] = lambda path: True,
) -> list[str]:
  """Extracts files, each whole or not at all; returns their names in the lock.

  Args:
    archive: the zip file. It is removed at the end, or if it is none.
    below: the folder of the files, below that of the lock.
    folder: of the lock.
    lock: gets the files.
    where: the archive is from, for messages.
    wants: whether a path of the archive is wanted.

  Raises:
    OSError: it is no zip file.
    UserError: see `Lock.put`.
  """
  names = []
  try:
    with zipfile.ZipFile(archive) as zipped:
      for info in zipped.infolist():
        path = info.filename
        # Macs add files that only they read.
        if info.is_dir() or path.startswith('__MACOSX/') or not wants(path):
          continue
        piece = folder / PARTS / 'of-zip'
        with zipped.open(info) as content, piece.open('wb') as file:
          shutil.copyfileobj(content, file)
        names.append(f'{below}/{path}')
        lock.put(folder, names[-1], piece, where)
  except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as e:
    archive.unlink()
    raise OSError(f'{where} is no zip file: {e}') from e
  archive.unlink()
  return names
