"""Which prompts of a run were answered, by its manifest."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ul2_flan.tasks import buckets
from ul2_flan.tasks import manifest as manifests
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.predictions import Prediction

_SUITE, _RANK = 'suite:', 'rank:'


def read_prompts(output: str) -> dict[tuple[str, str], int]:
  """Counts the prompts that a run of evaluation data has made.

  Args:
    output: the run's folder, or its manifest; local or of a bucket.

  Returns:
    by the full name of a task and variant.

  Raises:
    UserError: there is no manifest, or no task of a suite in it.
  """
  path = manifests.path_of(output)
  try:
    if buckets.is_bucket(path):
      data = buckets.bucket_of(path).read_bytes(path)
    else:
      data = Path(path).read_bytes()
  except OSError as e:
    raise UserError(
      f'cannot read the manifest {path}: {e}. Give the --output of a run'
    ) from e
  manifest = manifests.parse(data, path)
  # A prompt has so many records.
  samples = manifest.run.get('config', {}).get('samples') or 1
  found = {
    _key(kind): sum(s.examples for s in manifest.data_sets[name].values())
    // samples
    for name, kind in manifest.run.get('evaluation', {}).items()
    if kind.startswith(_SUITE) and name in manifest.data_sets
  }
  # Of these each choice is a record.
  asked = manifest.run.get('config', {}).get('tasks', {})
  found |= {
    key: asked[key[0]]['questions']
    for kind in manifest.run.get('evaluation', {}).values()
    if kind.startswith(_RANK)
    for key in [_key(kind)]
  }
  if not found:
    raise UserError(f'{path} has no task of an evaluation suite')
  return found


def unanswered(
  prompts: Mapping[tuple[str, str], int], predictions: Iterable[Prediction]
) -> Iterator[str]:
  """Yields a line for each task with other answers than prompts."""
  answered: dict[tuple[str, str], int] = {}
  for one in predictions:
    key = one.task.name, one.variant
    answered[key] = answered.get(key, 0) + 1
  for key in sorted({*prompts, *answered}):
    made, said = prompts.get(key, 0), answered.get(key, 0)
    if made != said:
      yield f'{" ".join(key)}: {said:,} of {made:,} prompts were answered'


def _key(kind: str) -> tuple[str, str]:
  task, _, variant = kind.partition(':')[2].rpartition(':')
  return task, variant
