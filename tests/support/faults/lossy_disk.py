"""A disk that loses what nobody flushed, below `os`: see `LossyDisk`."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import random
import stat
from typing import Any

import pytest

# The entries of a folder: by name, the inode and whether that is a folder.
Names = dict[str, tuple[int, bool]]


class LossyDisk:
  """Knows which bytes and names below a folder a loss of power would leave.

  It is harsher than any real disk: bytes of a file are left as they were at its
  last `fsync`, or not at all, and any change of a name since the last `fsync`
  of its folder may be kept or lost, whatever became of other changes.

  Attributes:
    flushed: the path of each folder that was flushed, and '' for each file.
    ignored: the numbers of calls, or paths of folders, that flush nothing.
  """

  def __init__(
    self,
    root: Path,
    patch: pytest.MonkeyPatch,
    *,
    ignored: int | str | None = None,
    watch: Callable[[], None] = lambda: None,
  ):
    """Takes the place of `os.fsync`, and looks on at all that changes names.

    Args:
      root: the folder, which no loss of power takes.
      patch: undoes it.
      ignored: the number of the call, or the folder, that flushes nothing.
      watch: is called before each change.
    """
    self.flushed: list[str] = []
    self._root = root
    self._ignored = ignored
    self._bytes: dict[int, bytes] = {}
    self._names: dict[int, Names] = {}
    # Open files keep their inodes from being used for others.
    self._held: list[int] = []
    self._flush(os.open(root, os.O_RDONLY))
    for name in ('replace', 'link', 'unlink', 'remove', 'mkdir', 'rmdir'):
      patch.setattr(os, name, self._watched(getattr(os, name), watch))
    patch.setattr(os, 'fsync', self._watched(self._fsync, watch))

  def close(self) -> None:
    for descriptor in self._held:
      os.close(descriptor)

  @staticmethod
  def _watched(
    call: Callable[..., Any], watch: Callable[[], None]
  ) -> Callable[..., Any]:
    def watched(*args: Any, **more: Any) -> Any:
      watch()
      return call(*args, **more)

    return watched

  def _fsync(self, descriptor: int) -> None:
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    path = os.readlink(f'/proc/self/fd/{descriptor}') if is_folder else ''
    number = len(self.flushed)
    self.flushed.append(path)
    if self._ignored is None or self._ignored not in (number, path):
      self._flush(os.open(f'/proc/self/fd/{descriptor}', os.O_RDONLY))

  def _flush(self, descriptor: int) -> None:
    self._held.append(descriptor)
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
      self._names[status.st_ino] = names_of(f'/proc/self/fd/{descriptor}')
    else:
      data = os.pread(descriptor, status.st_size, 0)
      self._bytes[status.st_ino] = data

  def left(self, seed: int) -> dict[str, bytes]:
    """Returns the files that a loss of power leaves now, by path.

    Args:
      seed: chooses which names are as they are now, and which as they were when
        their folder was flushed: -1 for all as now, -2 for all as they were.
    """
    rng = random.Random(seed)
    files: dict[str, bytes] = {}

    def walk(inode: int, below: str) -> None:
      path = self._root / below
      now = names_of(str(path)) if path.is_dir() else {}
      then = self._names.get(inode, {})
      for name in sorted({*now, *then}):
        is_now = rng.random() < 0.5 if seed >= 0 else seed == -1
        entry = (now if is_now else then).get(name)
        if entry is None:
          continue
        inner = f'{below}/{name}' if below else name
        if entry[1]:
          walk(entry[0], inner)
        else:
          files[inner] = self._bytes.get(entry[0], b'')

    walk(self._root.stat().st_ino, '')
    return files


def names_of(folder: str) -> Names:
  with os.scandir(folder) as entries:
    return {
      e.name: (e.inode(), e.is_dir(follow_symlinks=False)) for e in entries
    }
