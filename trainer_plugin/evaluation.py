"""Registers what is evaluated while a model trains: each denoiser, each suite.

T5X builds an input pipeline for every task of an evaluation mixture, and a Flan
run has thousands of tasks. So this module puts data sets together whose names
begin with the same two parts, `ul2r:s_50` or `flan:niv2`, and registers each
such group as one task. A data set of all denoisers becomes a task for each, of
the same names, since its validation split keeps them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import itertools
import posixpath

import seqio

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import register as register_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, Shard, Split
from ul2_flan.tasks.registration.task import TaskAdder

# Files of one such task. Each data set has at least one, and a thousand files
# on a bucket take minutes to open.
MAX_SHARDS = 64


def mixture(
  manifests: Sequence[str],
  split: str,
  vocabulary: seqio.Vocabulary | None = None,
) -> str:
  """Registers a task for each part of some manifests, and a mixture of them.

  Args:
    manifests: paths of runs' outputs.
    split: whose examples are evaluated.
    vocabulary: the model's; by default those of the manifests.

  Returns:
    the mixture's name, `eval:<run>[+<run>]`; or the name of the only part.

  Raises:
    UserError: a manifest has no examples in that split.
  """
  names: list[str] = []
  runs: list[str] = []
  for path in manifests:
    manifest = register_lib.load_manifest(path)
    register_lib.register(path, vocabulary)
    tasks = list(_tasks(manifest, split))
    if not tasks:
      raise UserError(
        f"{path} has no examples in split '{split}'. Make it with some, or set "
        'EVAL_MANIFESTS to other manifests, or to () for no evaluation'
      )
    for name, shards in tasks:
      if shards and name not in seqio.TaskRegistry.names():
        _add(name, manifest, split, path, spread(shards, MAX_SHARDS))
      names.append(name)
    runs.append(manifest.name)
  if len(names) == 1:
    return names[0]
  name = f'eval:{"+".join(dict.fromkeys(runs))}'
  if name not in seqio.MixtureRegistry.names():
    seqio.MixtureRegistry.add(name, [(task, 1.0) for task in names])
  return name


def parts(manifest: Manifest, split: str) -> dict[str, list[str]]:
  """Groups data sets by the first two parts of their names.

  Returns:
    maps the first two parts to names of data sets that have examples in the
    split; both are sorted.
  """
  by_part: dict[str, list[str]] = {}
  for name, splits in sorted(manifest.data_sets.items()):
    if split in splits and splits[split].examples:
      by_part.setdefault(':'.join(name.split(':')[:2]), []).append(name)
  return by_part


def spread(shards: Sequence[Sequence[Shard]], most: int) -> list[Shard]:
  """Picks shards of many data sets: the first of each, then the second.

  If there are more data sets than `most`, it picks evenly spaced ones.

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


def _tasks(
  manifest: Manifest, split: str
) -> Iterator[tuple[str, list[Sequence[Shard]]]]:
  """Yields the tasks that are evaluated, with the shards of their data sets.

  One that a manifest registers itself comes without shards.
  """
  for part, members in parts(manifest, split).items():
    if len(members) > 1:
      splits = (manifest.data_sets[member][split] for member in members)
      yield f'eval:{part}', [one.shards for one in splits]
      continue
    by_denoiser = _by_denoiser(manifest, members[0], split)
    for denoiser, shards in by_denoiser.items():
      if any(shard.records for shard in shards):
        yield f'{members[0]}:{denoiser}', [shards]
    if not by_denoiser:
      yield members[0], []


def _by_denoiser(
  manifest: Manifest, data_set: str, split: str
) -> dict[str, Sequence[Shard]]:
  """Returns the shards of a split by denoiser, if they are kept apart."""
  denoisers = manifest.run.get('validation_by', {}).get(data_set, ())
  if split != 'validation' or not denoisers:
    return {}
  shards = manifest.data_sets[data_set][split].shards
  each = len(shards) // len(denoisers)
  return {
    denoiser: shards[i * each : (i + 1) * each]
    for i, denoiser in enumerate(denoisers)
  }


def _add(
  name: str, manifest: Manifest, split: str, path: str, shards: list[Shard]
) -> None:
  """Registers a task that reads some shards of a manifest."""
  merged = Split(tuple(shards), {'examples': sum(s.records for s in shards)})
  # The data sets are registered with the vocabulary that the caller chose.
  one = seqio.TaskRegistry.get(next(iter(manifest.data_sets)))
  TaskAdder(
    dataclasses.replace(manifest, data_sets={name: {split: merged}}),
    posixpath.dirname(manifest_lib.path_of(path)),
    next(iter(one.output_features.values())).vocabulary,
  )(name)
