"""Licences of what a run is made of; the unknown ones come first."""

from collections.abc import Iterable
import dataclasses

from ul2_flan.pipelines.examples.kinds import held, task_of
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.tasks.manifest import Manifest

# Names under a licence; a page of the whole collection would have thousands.
_LISTED = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Licence:
  """A licence, and what is under it.

  Attributes:
    name: empty if it is not known.
    tasks: how many tasks, or sources of text.
    examples: of these, in the run.
    names: the first of them.
  """

  name: str
  tasks: int
  examples: int
  names: tuple[str, ...]


def of(manifests: Iterable[Manifest]) -> list[Licence]:
  """Groups the data of runs by licence.

  The catalog says the licence of a task, and a run's origin that of a suite;
  nobody tells a run that of a text.
  """
  found: dict[str, dict[str, int]] = {}
  for manifest in manifests:
    origin = Origin.parse(manifest.run, manifest.name)
    told = {name: licence for licence, name in origin.pairs()}
    for data_set, examples in _counted(manifest):
      known = held(data_set).task
      task = task_of(known, manifest)
      name = known or f'text of {data_set}'
      licence = told.get(known.partition(':')[0], '')
      of_licence = found.setdefault(task.licence if task else licence, {})
      of_licence[name] = of_licence.get(name, 0) + examples
  return [
    Licence(name, len(n), sum(n.values()), tuple(sorted(n)[:_LISTED]))
    for name, n in sorted(
      found.items(), key=lambda f: (f[0] != '', -len(f[1]), f[0])
    )
  ]


def _counted(manifest: Manifest) -> Iterable[tuple[str, int]]:
  """Yields data sets with their examples; of a mixture, those in it."""
  members = manifest.run['config'].get('members')
  if members:
    for split in members.values():
      for name, (_, _, count) in split.items():
        if count:
          yield name, count
    return
  for name, splits in manifest.data_sets.items():
    yield name, sum(split.examples for split in splits.values())
