"""Rates: what a mixture asks for, what caps leave of it, and what there is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import math
from typing import Any

from ul2_flan.mixtures import definition
from ul2_flan.mixtures.resolve import Member, resolve
from ul2_flan.pipelines.examples.kinds import held, task_of
from ul2_flan.pipelines.run.counts import under
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.denoising import parse_table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

# Members that repeat most, by name.
MOST = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
  """The rate of a group of members, or of one.

  Attributes:
    group: what they are.
    members: how many data sets.
    examples: how many they have.
    wanted: their share without caps, from 0 to 1; None if it is not known.
    capped: their share with caps; likewise.
    realised: their share of what there is.
    used: how many examples there are of them, repeats included.
    most: how often the most used example is there.
  """

  group: str
  members: int
  examples: int
  wanted: float | None
  capped: float | None
  realised: float
  used: int
  most: float

  @property
  def repeats(self) -> float:
    """How often an example is there, on average."""
    return self.used / max(self.examples, 1)


def of(manifest: Manifest) -> tuple[list[Rate], list[Rate]]:
  """Returns the rates of groups, and those of the members that repeat most.

  The latter are only there for a mixture.
  """
  config = manifest.run['config']
  if 'members' in config:
    return _of_mixture(config)
  if 'denoisers' in config:
    return list(_of_denoisers(manifest)), []
  trains = any('train' in made for made in manifest.data_sets.values())
  return list(_of_tasks(manifest)) if trains else [], []


def _of_mixture(config: Mapping[str, Any]) -> tuple[list[Rate], list[Rate]]:
  members = config['members'].get('train', {})
  epochs = config['splits'].get('train', {}).get('epochs', 1)
  total = epochs * sum(count for *_, count in members.values())
  known = _resolved(config)
  groups: dict[str, list[Rate]] = {}
  for name, (_, examples, count) in members.items():
    member = known.get(name)
    rate = Rate(
      name,
      1,
      examples,
      member.uncapped if member else None,
      member.rate if member else None,
      epochs * count / max(total, 1),
      epochs * count,
      # Each is used before any is used again.
      math.ceil(epochs * count / max(examples, 1)),
    )
    group = held(name).group
    if member:
      group = f'{member.part}: {group}'
    groups.setdefault(group, []).append(rate)
  rates = [r for found in groups.values() for r in found if r.used]
  repeated = sorted(rates, key=lambda r: (-r.repeats, r.group))[:MOST]
  return [_sum(g, found) for g, found in sorted(groups.items())], repeated


def _sum(group: str, rates: Sequence[Rate]) -> Rate:
  def total(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return math.fsum(known) if known else None

  return Rate(
    group,
    len(rates),
    sum(r.examples for r in rates),
    total(r.wanted for r in rates),
    total(r.capped for r in rates),
    math.fsum(r.realised for r in rates),
    sum(r.used for r in rates),
    max(r.most for r in rates),
  )


def _resolved(config: Mapping[str, Any]) -> Mapping[str, Member]:
  """Resolves the mixture anew, to learn what it asks for.

  That takes the manifests of its runs, and a mixture that is shipped. A run
  does not keep --include, so the result counts only if its members are those
  of the run.
  """
  try:
    part = definition.load(config['mixture'])
    manifests = [manifest_of(known['output']) for known in config['manifests']]
    plans = [known['plan'] for known in config['manifests']]
    if [m.run['plan'] for m in manifests] != plans:
      return {}
    for include in ((), ('unlisted',), ('*',)):
      found = resolve(part, manifests, include=include).members
      if {m.data_set for m in found} == config['members']['train'].keys():
        return {m.data_set: m for m in found}
  except (UserError, OSError, KeyError):
    pass
  return {}


def _of_denoisers(manifest: Manifest) -> Iterator[Rate]:
  """Yields the denoisers of a run: the rates of its table, and what it made."""
  table = parse_table(manifest.run['config']['denoisers'], 'manifest.json')
  made: dict[str, int] = {}
  for numbers in manifest.run.get('counts', {}).values():
    for name, n in under(numbers, 'data/train/').items():
      denoiser, _, what = name.rpartition('/')
      if what == 'examples':
        made[denoiser] = made.get(denoiser, 0) + n
  total = max(sum(made.values()), 1)
  for d in table.denoisers:
    n = made.get(d.name, 0)
    yield Rate(d.name, 1, n, d.rate, d.rate, n / total, n, 1)


def _of_tasks(manifest: Manifest) -> Iterator[Rate]:
  """Yields groups of tasks: their shares of all, without and with caps."""
  groups: dict[str, list[tuple[int, int, int]]] = {}
  for name, splits in manifest.data_sets.items():
    examples = splits['train'].examples if 'train' in splits else 0
    task = task_of(held(name).task, manifest)
    counted = min(examples, task.cap) if task else examples
    groups.setdefault(held(name).group, []).append((1, examples, counted))
  sums = {g: tuple(map(sum, zip(*v, strict=True))) for g, v in groups.items()}
  examples, counted = (max(sum(s[i] for s in sums.values()), 1) for i in (1, 2))
  for group, (members, n, capped) in sorted(sums.items()):
    share = n / examples
    yield Rate(group, members, n, share, capped / counted, share, n, 1)
