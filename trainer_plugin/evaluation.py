"""What is evaluated while a model trains: each denoiser, each suite.

T5X builds a pipeline for every task of an evaluation mixture. So data sets are
put together by the first two parts of their names, `ul2r:s_50` or `flan:niv2`,
and each of these is one task, however many data sets it has.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import itertools
import posixpath

import seqio

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import register as register_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, Shard, Split
from ul2_flan.tasks.registration.task import TaskAdder

# Of a part with many data sets: as many files as there are data sets, and a
# thousand of them take minutes to open on a bucket.
MAX_SHARDS = 64


def mixture(
  manifests: Sequence[str],
  split: str,
  vocabulary: seqio.Vocabulary | None = None,
) -> str:
  """Registers the parts of some manifests, and a mixture of all parts.

  Args:
    manifests: paths of runs' outputs.
    split: which examples are evaluated.
    vocabulary: the model's; by default those of the manifests.

  Returns:
    the mixture's name, `eval:<run>[+<run>]`; or the name of the only part.

  Raises:
    UserError: a manifest has no examples in that split.
  """
  names: list[str] = []
  runs: list[str] = []
  for path in manifests:
    found = register_lib.load_manifest(path)
    register_lib.register(path, vocabulary)
    parts_found = parts(found, split)
    if not parts_found:
      raise UserError(
        f"{path} has no examples in split '{split}'. Make it with some, or set "
        'EVAL_MANIFESTS to other manifests, or to () for no evaluation'
      )
    names += [
      members[0]
      if len(members) == 1
      else _add(part, found, members, split, path)
      for part, members in parts_found.items()
    ]
    runs.append(found.name)
  if len(names) == 1:
    return names[0]
  name = f'eval:{"+".join(dict.fromkeys(runs))}'
  if name not in seqio.MixtureRegistry.names():
    seqio.MixtureRegistry.add(name, [(task, 1.0) for task in names])
  return name


def parts(manifest: Manifest, split: str) -> dict[str, list[str]]:
  """Data sets with examples in a split, by the first two parts of their names.

  Returns:
    names by part, sorted.
  """
  found: dict[str, list[str]] = {}
  for name, splits in sorted(manifest.data_sets.items()):
    if split in splits and splits[split].examples:
      found.setdefault(':'.join(name.split(':')[:2]), []).append(name)
  return found


def spread(shards: Sequence[Sequence[Shard]], most: int) -> list[Shard]:
  """Some shards of many data sets: the first of each, then the second.

  Where there are more data sets than `most`, evenly spaced ones are taken.

  >>> a, b, c = ([Shard(f'{x}{i}', 1, 1, '') for i in range(2)] for x in 'abc')
  >>> [shard.path for shard in spread([a, b, c], most=5)]
  ['a0', 'b0', 'c0', 'a1', 'b1']
  >>> [shard.path for shard in spread([a, b, c], most=2)]
  ['a0', 'b0']
  """
  if len(shards) > most:
    shards = [shards[i * len(shards) // most] for i in range(most)]
  rows = itertools.zip_longest(*shards)
  return [s for row in rows for s in row if s is not None][:most]


def _add(
  part: str,
  manifest: Manifest,
  members: Sequence[str],
  split: str,
  path: str,
) -> str:
  """Registers one task that reads a few shards of each of some data sets."""
  name = f'eval:{part}'
  if name in seqio.TaskRegistry.names():
    return name
  shards = spread(
    [manifest.data_sets[member][split].shards for member in members], MAX_SHARDS
  )
  merged = Split(tuple(shards), {'examples': sum(s.records for s in shards)})
  first = seqio.TaskRegistry.get(members[0]).output_features.values()
  TaskAdder(
    dataclasses.replace(manifest, data_sets={name: {split: merged}}),
    posixpath.dirname(manifest_lib.path_of(path)),
    next(iter(first)).vocabulary,
  )(name)
  return name
