"""The checksum that a manifest ends with, over all bytes before it.

    "vocabulary": {...},
    "crc32c": "0badcafe"
    }

It comes last, so a manifest is written from its beginning to its end, and is
still JSON that people and programs read.
"""

import google_crc32c


def last_member(crc: int) -> bytes:
  r"""Returns the end of a manifest: its last member, and the closing brace.

  Args:
    crc: the CRC-32C of all bytes before.

  >>> last_member(0x0BADCAFE)
  b',\n"crc32c": "0badcafe"\n}\n'
  """
  return f',\n"crc32c": "{crc:08x}"\n}}\n'.encode()


_SIZE = len(last_member(0))


def is_unchanged(data: bytes) -> bool:
  """Whether a manifest ends with the checksum of all that comes before.

  The end is compared byte by byte: JSON that means the same is a change too.
  """
  crc: int = google_crc32c.value(data[:-_SIZE])
  return data[-_SIZE:] == last_member(crc)
