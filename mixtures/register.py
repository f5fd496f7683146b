"""Adds a mixture to seqio. No other module of `mixtures` imports seqio.

    >>> from ul2_flan.mixtures import register  # doctest: +SKIP
    >>> register.register_mixture(
    ...   'flan2022_b', ['gs://bucket/flan']
    ... )  # doctest: +SKIP
    'flan2022_b'

seqio then mixes separate tasks while a model trains. Use it for ablations: with
hundreds of tasks, seqio takes minutes until the first batch. For a large
mixture, mix once with `pipelines.mix` and train from the result.
"""

from collections.abc import Sequence

import seqio

from ul2_flan.mixtures.definition import load
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import load_manifest, register


def register_mixture(
  name: str,
  manifests: Sequence[str],
  vocabulary: seqio.Vocabulary | str | None = None,
  *,
  registered_name: str = '',
  definitions: Sequence[str] = (),
  include: Sequence[str] = (),
  exclude: Sequence[str] = (),
) -> str:
  """Registers the data sets of runs, and a mixture of them.

  Args:
    name: of a definition, such as 'flan2022_b'.
    manifests: of finished runs: `manifest.json`, or its folder.
    vocabulary: as in `ul2_flan.tasks.register.register`.
    registered_name: for seqio, by default the name of the definition.
    definitions: paths of TOML files with definitions of your own.
    include: what the collection leaves out and the mixture shall have; see
      `resolve`.
    exclude: what to hold out.

  Returns:
    the name that seqio has it by. A second call adds nothing.

  Raises:
    UserError: something else has the name, or `resolve` fails.
  """
  resolved = resolve(
    load(name, definitions),
    [load_manifest(path) for path in manifests],
    include=include,
    exclude=exclude,
  )
  for path in manifests:
    register(path, vocabulary)
  added = registered_name or name
  members = {m.data_set: m.rate for m in resolved.members}
  if added in members and len(members) == 1:
    # A run is the whole mixture, and has its name already.
    return added
  if added in seqio.MixtureRegistry.names():
    registered = dict(seqio.MixtureRegistry.get(added).rate_per_task_name)
    if _alike(registered, members):
      return added
  if added in {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}:
    raise UserError(
      f"'{added}' is registered already, with other members or rates; give "
      'another registered_name'
    )
  seqio.MixtureRegistry.add(added, list(members.items()))
  return added


def _alike(one: dict[str, float], other: dict[str, float]) -> bool:
  """Whether members are the same, and in the same proportion."""
  if one.keys() != other.keys():
    return False
  scale = sum(one.values()) / sum(other.values())
  # A manifest's rates need not add up to 1, and are rounded at another scale.
  return all(
    abs(rate - scale * other[task]) <= 1e-9 * rate for task, rate in one.items()
  )
