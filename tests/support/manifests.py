"""Manifests as a run would have written them."""

from collections.abc import Mapping
from typing import Any

import google_crc32c
import orjson

from ul2_flan.tasks.manifest import FORMAT, Manifest, last_member


def to_json(manifest: Manifest) -> bytes:
  """Returns a manifest's file, which `manifest.parse` reads."""
  # orjson writes a dataclass as an object of its fields.
  fields = orjson.loads(orjson.dumps(manifest))
  return with_checksum({'format': FORMAT, **fields})


def with_checksum(fields: Mapping[str, Any]) -> bytes:
  """Returns the file of a manifest with any fields, and the right checksum."""
  others = {name: value for name, value in fields.items() if name != 'crc32c'}
  data = orjson.dumps(others).removesuffix(b'}')
  return data + last_member(google_crc32c.value(data))
