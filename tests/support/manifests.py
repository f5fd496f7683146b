"""Manifests as a run would have written them."""

from collections.abc import Mapping
from typing import Any

import google_crc32c
from hypothesis import strategies as st
import orjson

from ul2_flan.tasks.manifest import (
  FORMAT,
  Manifest,
  Shard,
  Split,
  folder_of,
  last_member,
)

# What every run says of itself.
RUN = {'job': 'ul2', 'plan': 'a fingerprint', 'config': {}}


VOCABULARY = {'path': 'v.model', 'sha256': 'ff', 'extra_ids': 100}
COUNTS = st.integers(0, 2**40)


def _splits_of(data_set: str) -> st.SearchStrategy[dict[str, Split]]:
  shards = st.builds(
    lambda name, *more: Shard(f'{folder_of(data_set)}/{name}', *more),
    *(st.text('abcé"', min_size=1), COUNTS, COUNTS, st.text('0f')),
  )
  splits = st.builds(
    Split,
    st.lists(shards, max_size=3).map(tuple),
    st.fixed_dictionaries({'examples': COUNTS}),
  )
  return st.dictionaries(st.text('abc', min_size=1), splits, max_size=2)


# Data sets by name, with some splits and shards.
ANY_DATA_SETS = (
  st.lists(
    st.from_regex(r'[abc_é"]{1,3}(:[ab1]{1,3}){0,2}', fullmatch=True),
    unique=True,
    max_size=4,
  )
  .map(lambda names: {name: _splits_of(name) for name in names})
  .flatmap(st.fixed_dictionaries)
)


def to_json(manifest: Manifest) -> bytes:
  """Returns a manifest's file, which `manifest.parse` reads."""
  # orjson writes a dataclass as an object of its fields.
  fields = orjson.loads(orjson.dumps(manifest))
  fields['run'] = RUN | fields['run']
  return with_checksum({'format': FORMAT, **fields})


def with_checksum(fields: Mapping[str, Any]) -> bytes:
  """Returns the file of a manifest with any fields, and the right checksum."""
  others = {name: value for name, value in fields.items() if name != 'crc32c'}
  data = orjson.dumps(others).removesuffix(b'}')
  return data + last_member(google_crc32c.value(data))
