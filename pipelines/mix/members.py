"""Works out how many examples a mixture takes of each data set.

And from these: how many places, shards and bytes each split has.
"""

from collections.abc import Mapping, Sequence
import dataclasses
import math

from ul2_flan.mixtures.rates import largest_remainder
from ul2_flan.mixtures.resolve import Resolved
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.run import Plan, checks
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.tasks.manifest import Manifest

# How many times larger packed examples are than those that they are made of:
# segments and positions together take 1.5 times the bytes of the tokens.
PACKED_FACTOR = 2.5


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
  """A data set in one split of the mixture.

  Attributes:
    run: the index of the run that made it.
    examples: how many it has.
    count: how many places of each epoch it fills.
  """

  run: int
  examples: int
  count: int


# A split -> names of data sets -> members.
Members = Mapping[str, Mapping[str, Member]]


@dataclasses.dataclass(frozen=True, slots=True)
class SplitSize:
  """How large a split of the mixture is.

  Attributes:
    epochs: how many follow one another.
    places: examples in all epochs.
    shards: how many hold them.
    bytes: how many to expect.
  """

  epochs: int
  places: int
  shards: int
  bytes: int

  def as_written(self) -> dict[str, int]:
    """Returns it as the plan keeps it: without the estimate."""
    return {
      'epochs': self.epochs, 'places': self.places, 'shards': self.shards
    }  # fmt: skip


def choose_members(
  resolved: Resolved, manifests: Sequence[Manifest], config: Config
) -> Members:
  """Works out how many examples each split takes of each data set.

  Splits without an example are not there.
  """
  counts = largest_remainder(
    [member.rate for member in resolved.members],
    config.num_examples or resolved.examples_once,
  )
  members = {
    'train': {
      member.data_set: Member(member.manifest, member.examples, count)
      for member, count in zip(resolved.members, counts, strict=True)
    },
    'validation': _validation(resolved, manifests, config),
  }
  return {
    split: chosen
    for split, chosen in members.items()
    if sum(member.count for member in chosen.values())
  }


def _validation(
  resolved: Resolved, manifests: Sequence[Manifest], config: Config
) -> dict[str, Member]:
  """Divides the validation examples by the members' rates.

  A member with too few gives what it has: no validation example is there twice.
  """
  there = []
  for member in resolved.members:
    splits = manifests[member.manifest].data_sets[member.data_set]
    if 'validation' in splits and splits['validation'].examples:
      there.append((member, splits['validation'].examples))
  counts = largest_remainder(
    [member.rate for member, _ in there], config.num_validation_examples
  )
  return {
    member.data_set: Member(member.manifest, n, min(n, count))
    for (member, n), count in zip(there, counts, strict=True)
  }


def split_sizes(
  members: Members, manifests: Sequence[Manifest], config: Config
) -> dict[str, SplitSize]:
  """Works out epochs, places, shards and expected bytes of each split."""
  shard_bytes = checks.shard_bytes(config.shard_mb)
  sizes = {}
  for split, chosen in members.items():
    epochs = config.epochs if split == 'train' else 1
    size = 0.0
    for name, member in chosen.items():
      shards = manifests[member.run].data_sets[name][split].shards
      stored = sum(s.bytes for s in shards)
      size += stored / member.examples * member.count * epochs
    size *= PACKED_FACTOR if config.pack else 1
    places = epochs * sum(member.count for member in chosen.values())
    least = config.min_shards if split == 'train' else 1
    wanted = max(least, math.ceil(size / shard_bytes))
    sizes[split] = SplitSize(epochs, places, min(wanted, places), round(size))
  return sizes


def sources(
  members: Members, manifests: Sequence[Manifest], config: Config
) -> dict[str, int]:
  """Estimates the tokens of all epochs, and counts what a pass reads."""
  count = size = 0
  tokens = 0.0
  for split, chosen in members.items():
    epochs = config.epochs if split == 'train' else 1
    for name, member in chosen.items():
      info = manifests[member.run].data_sets[name][split]
      shards = [s for s in info.shards if s.records and member.count]
      count += len(shards)
      size += sum(s.bytes for s in shards)
      sides = (info.stats.get(f'{f}_tokens', 0) for f in ('inputs', 'targets'))
      tokens += sum(sides) / member.examples * member.count * epochs
  return {
    'tokens': round(tokens), 'source_files': count, 'source_bytes': size
  }  # fmt: skip


def origin_of(plan: Plan) -> Origin:
  """Returns the licences of members that examples are taken of.

  Their runs know them by the names of tasks, or of the runs themselves.
  """
  config = plan.config
  used = {
    (index, part)
    for members in config['members'].values()
    for name, (index, _, count) in members.items()
    for part in (name.partition(':')[0], ':'.join(name.split(':')[1:-1]))
    if count
  }
  found: list[tuple[str, str]] = []
  languages: list[str] = []
  for index, known in enumerate(config['manifests']):
    manifest = manifest_as_planned(known)
    origin = Origin.parse(manifest.run, manifest.name)
    found += [pair for pair in origin.pairs() if (index, pair[1]) in used]
    languages += origin.languages
  return Origin.of(found, languages)
