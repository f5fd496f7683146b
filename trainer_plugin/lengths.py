"""Chooses the feature lengths that T5X reads a manifest's examples with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


def of_manifest(
  manifest: Manifest, given: Mapping[str, int] | None, path: str
) -> dict[str, int]:
  """Returns the feature lengths for a manifest, in tokens.

  Args:
    manifest: says which lengths its examples were made for.
    given: lengths to read them with instead, or None.
    path: of the manifest, for errors.

  Raises:
    UserError: examples would be cut, and lose their EOS; or packed sequences
      would be padded.
  """
  made_for = manifest.task_feature_lengths
  if given is None:
    return made_for
  packed = manifest.is_packed
  if packed:
    fits = all(made_for.get(name) == n for name, n in given.items())
  elif manifest.decoder_only:
    # Inputs and targets share one length.
    fits = sum(given.values()) >= sum(made_for.values())
  else:
    fits = all(given.get(name, 0) >= n for name, n in made_for.items())
  if not fits:
    raise UserError(
      f'{path} was made for lengths {made_for}, and TASK_FEATURE_LENGTHS is '
      f'{dict(given)}. Give {"these" if packed else "no shorter ones"}, or '
      'make the data again'
    )
  return made_for if packed else dict(given)


def longest(lengths: Sequence[Mapping[str, int]]) -> dict[str, int]:
  """Returns feature lengths that fit the examples of several manifests.

  >>> longest([{'inputs': 64, 'targets': 32}, {'inputs': 32, 'targets': 64}])
  {'inputs': 64, 'targets': 64}
  """
  return {
    name: max(one.get(name, 0) for one in lengths)
    for name in dict.fromkeys(name for one in lengths for name in one)
  }
