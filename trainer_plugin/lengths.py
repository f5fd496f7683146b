"""How long T5X may make a manifest's examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


def of_manifest(
  manifest: Manifest, given: Mapping[str, int] | None, path: str
) -> dict[str, int]:
  """Feature lengths for a manifest, in tokens.

  Args:
    manifest: says what its examples were made for.
    given: wanted instead, or None.
    path: of the manifest, for errors.

  Raises:
    UserError: examples would be cut, and lose their EOS; or packed sequences
      would be padded.
  """
  made = manifest.task_feature_lengths
  if given is None:
    return made
  packed = manifest.is_packed
  if packed:
    fits = all(made.get(name) == length for name, length in given.items())
  elif manifest.decoder_only:
    fits = sum(given.values()) >= sum(made.values())
  else:
    fits = all(given.get(name, 0) >= length for name, length in made.items())
  if not fits:
    raise UserError(
      f'{path} was made for lengths {made}, and TASK_FEATURE_LENGTHS is '
      f'{dict(given)}. Give {"these" if packed else "no shorter ones"}, or '
      'make the data again'
    )
  return made if packed else dict(given)


def longest(found: Sequence[Mapping[str, int]]) -> dict[str, int]:
  """Lengths that fit all of several manifests.

  >>> longest([{'inputs': 64, 'targets': 32}, {'inputs': 32, 'targets': 64}])
  {'inputs': 64, 'targets': 64}
  """
  return {
    name: max(one.get(name, 0) for one in found)
    for name in dict.fromkeys(name for one in found for name in one)
  }
