"""Plans the runs of T5X: from the user's options to T5X's command lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from importlib import resources
import json
import sys

from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.trainer_plugin.steps import absolute

STAGES = ('ul2r', 'flan')
# Whose bindings the evaluation on suites takes.
EVAL = 'eval'
CONFIGS = 'ul2_flan/trainer_plugin/configs'


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
  """One run of T5X.

  Attributes:
    name: 'ul2r' or 'flan'.
    manifest: path of the data's manifest.
    model_dir: folder for its checkpoints.
    bindings: maps gin's names to values as gin writes them.
    flags: other options of T5X.
    model: path of the model's gin file.
  """

  name: str
  manifest: str
  model_dir: str
  bindings: Mapping[str, str]
  flags: tuple[str, ...]
  model: str

  def command(self, checkpoint: str | None) -> list[str]:
    """Returns T5X's command line for this stage.

    Args:
      checkpoint: path of what it starts from; None for random parameters.
    """
    bindings = {
      'MANIFEST': json.dumps(self.manifest),
      'MODEL_DIR': json.dumps(self.model_dir),
      'INITIAL_CHECKPOINT_PATH': json.dumps(checkpoint)
      if checkpoint
      else 'None',
      **self.bindings,
    }
    return [
      sys.executable,
      *('-m', 't5x.train'),
      f'--gin_file={self.model}',
      f'--gin_file={CONFIGS}/runs/{self.name}.gin',
      *(f'--gin.{name}={value}' for name, value in bindings.items()),
      *self.flags,
    ]


def plan(
  model: str,
  manifests: Sequence[str],
  eval_manifests: Sequence[str],
  model_dir: str,
  rest: Sequence[str],
) -> tuple[list[Stage], dict[str, str]]:
  """Plans the stages that the user asks for, in the order in which they run.

  Args:
    model: name of one of our model files, or the path of a gin file.
    manifests: each `<stage>=<path>`.
    eval_manifests: paths of the data to evaluate on; by default a stage's own.
    model_dir: an absolute path; the stages' folders are in it.
    rest: options for T5X, and bindings of gin for one stage, for all, or for
      the evaluation on suites.

  Returns:
    the stages, and the bindings of the evaluation.

  Raises:
    UserError: an unknown model or stage, a stage given twice or without a path,
      an option without `--`, or a binding without a value or for no stage.
  """
  paths = _paths(manifests)
  shared: dict[str, str] = {}
  if eval_manifests:
    shared['EVAL_MANIFESTS'] = json.dumps(
      [absolute(path) for path in eval_manifests]
    )
  bindings = {name: dict(shared) for name in paths}
  evaluation: dict[str, str] = {}
  flags = _sort_out(rest, bindings, evaluation)
  stages = [
    Stage(
      name=name,
      manifest=paths[name],
      model_dir=f'{model_dir}/{name}',
      bindings=bindings[name],
      flags=flags,
      model=gin_file(model),
    )
    for name in STAGES
    if name in paths
  ]
  return stages, evaluation


def gin_file(model: str) -> str:
  """Returns the path by which gin finds a model's file.

  Raises:
    UserError: there is no such model.
  """
  if model.endswith('.gin'):
    return model
  folder = resources.files('ul2_flan.trainer_plugin') / 'configs' / 'models'
  known = [
    path.name.removesuffix('.gin')
    for path in folder.iterdir()
    if path.name.endswith('.gin')
  ]
  if model not in known:
    raise unknown('model', model, known)
  return f'{CONFIGS}/models/{model}.gin'


def _paths(manifests: Sequence[str]) -> dict[str, str]:
  """Reads `<stage>=<path>`: returns paths by stage."""
  paths: dict[str, str] = {}
  for given in manifests:
    name, _, path = given.partition('=')
    if name not in STAGES:
      raise unknown('stage', name, STAGES)
    if not path or name in paths:
      raise UserError(f'--manifest {given}: give each stage one, as {name}=DIR')
    paths[name] = absolute(path)
  return paths


def _sort_out(
  rest: Sequence[str],
  bindings: dict[str, dict[str, str]],
  evaluation: dict[str, str],
) -> tuple[str, ...]:
  """Adds bindings to those of their stages; returns T5X's other options."""
  flags = []
  for option in rest:
    if not option.startswith('--'):
      raise UserError(f"'{option}': options for T5X are --NAME=VALUE")
    owner, dot, binding = option.removeprefix('--').partition('.')
    name, equals, value = binding.partition('=')
    if not dot or owner not in ('gin', EVAL, *STAGES):
      flags.append(option)
    elif not equals:
      raise UserError(f"'{option}': a binding is --{owner}.NAME=VALUE")
    elif owner == EVAL:
      evaluation[name] = value
    elif owner != 'gin' and owner not in bindings:
      raise UserError(f"'{option}', but there is no --manifest {owner}=DIR")
    else:
      for stage in bindings if owner == 'gin' else [owner]:
        bindings[stage][name] = value
  return tuple(flags)
