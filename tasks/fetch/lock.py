"""What was got: commits of repositories, sizes and checksums of files.

The file lies in the folder of the data. Copied to another machine, it makes
`fetch` get the same bytes there, or say that they are gone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

from ul2_flan.tasks.errors import UserError

NAME = 'fetch.lock.json'

# The folder of what is not all there. It goes when all is.
PARTS = '.ul2-flan-fetch'

_READ_BYTES = 1 << 20


@dataclasses.dataclass(slots=True)
class Lock:
  """The lock of a folder.

  Attributes:
    path: of its file.
    commits: of repositories, by `Place.key`.
    files: paths below the folder -> 'bytes' and 'sha256'.
    wanted: what was wanted of each archive of a git host, and what came of
      each URL.
  """

  path: Path
  commits: dict[str, str] = dataclasses.field(default_factory=dict)
  files: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
  wanted: dict[str, list[str]] = dataclasses.field(default_factory=dict)

  @classmethod
  def read(cls, folder: Path) -> Lock:
    """Reads the lock of a folder; an empty one if there is none.

    Raises:
      UserError: it is damaged, or of another program.
    """
    path = folder / NAME
    if not path.exists():
      return cls(path)
    try:
      raw = orjson.loads(path.read_bytes())
      return cls(path, *(dict(raw[k]) for k in ('commits', 'files', 'wanted')))
    except (KeyError, TypeError, ValueError) as e:
      raise UserError(
        f'{path} is no lock of this version ({type(e).__name__}: {e}). Mend or '
        'remove it: without it, fetch takes what the servers have now'
      ) from e

  def write(self) -> None:
    """Writes the lock, whole or not at all."""
    form = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    raw = {k: getattr(self, k) for k in ('commits', 'files', 'wanted')}
    temporary = self.path.with_suffix('.part')
    temporary.write_bytes(orjson.dumps(raw, option=form) + b'\n')
    os.replace(temporary, self.path)

  def has(self, folder: Path, name: str) -> bool:
    """Whether a file is there as the lock says."""
    known, path = self.files.get(name), folder / name
    return bool(
      known
      and path.is_file()
      and path.stat().st_size == known['bytes']
      and sha256_of(path) == known['sha256']
    )

  def add(self, name: str, path: Path, where: str) -> None:
    """Adds a file that was got, and refuses one that is another than before.

    Args:
      name: below the folder.
      path: where it lies now.
      where: it is from, for the message.

    Raises:
      UserError: the lock has another checksum for it.
    """
    got: dict[str, Any] = {
      'bytes': path.stat().st_size,
      'sha256': sha256_of(path),
    }
    known = self.files.setdefault(name, got)
    if known != got:
      raise UserError(
        f'{where} has changed: {name} has {got["bytes"]:,} bytes with SHA-256 '
        f'{got["sha256"][:12]}…, and {self.path} says {known["bytes"]:,} with '
        f'{known["sha256"][:12]}…. Nothing was replaced. If you want the new '
        'one, take the file out of the lock'
      )

  def put(self, folder: Path, name: str, part: Path, where: str) -> None:
    """Gives a file that was got its name, in the place of nobody else's.

    Args:
      folder: of the lock.
      name: below the folder, as a server has it.
      part: where the file lies now.
      where: it is from, for the message.

    Raises:
      UserError: the name leads out of the folder; another file is there; or the
        lock has another checksum for it.
    """
    refuse_outside(name, folder, where)
    path = folder / name
    if os.path.lexists(path):
      if not path.is_file() or sha256_of(path) != sha256_of(part):
        raise UserError(
          f'{path} is there, and is another than that of {where}. Nothing was '
          'replaced: move it away, and the same command goes on'
        )
      self.add(name, part, where)
      part.unlink()
      return
    self.add(name, part, where)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, path)


def refuse_outside(name: str, folder: Path, where: str) -> None:
  """Refuses a server's name of a file that leads out of the folder."""
  if {'', '.', '..'} & set(name.split('/')) or '\\' in name or '\0' in name:
    raise UserError(
      f"{where}: the name '{name}' leads out of {folder}, so it is not taken"
    )


def sha256_of(path: Path) -> str:
  """Returns the SHA-256 of a file."""
  digest = hashlib.sha256()
  with path.open('rb') as file:
    while data := file.read(_READ_BYTES):
      digest.update(data)
  return digest.hexdigest()
