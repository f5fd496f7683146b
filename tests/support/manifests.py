"""Manifests as a run would have written them."""

import orjson

from ul2_flan.tasks.manifest import FORMAT, Manifest


def to_json(manifest: Manifest) -> bytes:
  """Returns a manifest's file, which `manifest.parse` reads."""
  # orjson writes a dataclass as an object of its fields.
  fields = orjson.loads(orjson.dumps(manifest))
  return orjson.dumps({'format': FORMAT, **fields})
