"""A manifest's checksum is that of all bytes before it."""

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st

from ul2_flan.tasks.manifest import checksum


def ended(data: bytes) -> bytes:
  return data + checksum.last_member(google_crc32c.value(data))


@given(st.binary(max_size=99))
def test_what_ends_with_its_checksum_is_unchanged(data: bytes):
  assert checksum.is_unchanged(ended(data))
  assert not checksum.is_unchanged(ended(data) + b'\n')
  assert not checksum.is_unchanged(b' ' + ended(data))
  assert not checksum.is_unchanged(data)


@given(st.binary(max_size=20))
def test_other_spellings_are_changes(data: bytes):
  crc = google_crc32c.value(data)
  upper = f',\n"crc32c": "{crc:08X}"\n}}\n'.encode()
  assert checksum.is_unchanged(data + upper) == (upper in ended(data))
  spaced = checksum.last_member(crc).replace(b': ', b':  ')
  assert not checksum.is_unchanged(data + spaced)
