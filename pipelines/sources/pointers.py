"""Recognises what stands for a file that has not been fetched.

A clone of a data set without Git LFS, or without git-annex's content, has a
small text in the place of each large file.
"""

import io
from typing import BinaryIO

# A pointer is smaller than this (Git LFS's specification; git-annex's are).
MOST_BYTES = 1024

_TELL = {
  b'version https://git-lfs.github.com/spec/': (
    "it is a pointer of Git LFS, not the file itself: run 'git lfs pull' there"
  ),
  b'/annex/objects/': (
    "it is a pointer of git-annex, not the file itself: run 'git annex get'"
  ),
}


def of(data: bytes) -> str:
  r"""Says which pointer a file is; '' for any other file.

  >>> of(b'{"text": "a"}\n')
  ''

  Args:
    data: the file's first bytes, more than `MOST_BYTES` if it has so many.
  """
  if len(data) > MOST_BYTES:
    return ''
  return next(
    (told for head, told in _TELL.items() if data.startswith(head)), ''
  )


def told(file: BinaryIO | io.RawIOBase) -> str:
  """Says which pointer an open file is, as `of` does; leaves it at its end."""
  file.seek(0)
  return of(file.read(MOST_BYTES + 1) or b'')
