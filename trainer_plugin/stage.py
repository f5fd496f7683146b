"""One run of T5X: its command line, of what the user gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from importlib import resources
import json
import sys

from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.trainer_plugin.steps import absolute

STAGES = ('ul2r', 'flan')
CONFIGS = 'ul2_flan/trainer_plugin/configs'


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
  """One run of T5X.

  Attributes:
    name: 'ul2r' or 'flan'.
    manifest: path of the data.
    model_dir: where its checkpoints go.
    bindings: of gin, name -> value as gin writes it.
    flags: other options of T5X.
    model: a gin file.
  """

  name: str
  manifest: str
  model_dir: str
  bindings: Mapping[str, str]
  flags: tuple[str, ...]
  model: str

  def command(self, checkpoint: str | None) -> list[str]:
    """T5X's command line for this stage.

    Args:
      checkpoint: what it starts from; None for random parameters.
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
) -> list[Stage]:
  """The stages that were asked for, in order.

  Args:
    model: name of one of our model files, or the path of a gin file.
    manifests: each `<stage>=<path>`.
    eval_manifests: paths; by default each stage's own.
    model_dir: an absolute path; the stages' folders are in it.
    rest: options for T5X, and bindings for one stage.

  Raises:
    UserError: an unknown model, stage or option, or a stage given twice.
  """
  paths = _paths(manifests)
  shared: dict[str, str] = {}
  if eval_manifests:
    shared['EVAL_MANIFESTS'] = json.dumps(
      [absolute(path) for path in eval_manifests]
    )
  bindings = {name: dict(shared) for name in paths}
  flags = _sort_out(rest, bindings)
  return [
    Stage(
      name=name,
      manifest=paths[name],
      model_dir=f'{model_dir}/{name}',
      bindings=bindings[name],
      flags=flags,
      model=_gin_file(model),
    )
    for name in STAGES
    if name in paths
  ]


def _gin_file(model: str) -> str:
  """Where gin finds a model's file."""
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
  """Paths by stage, of `<stage>=<path>`."""
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
  rest: Sequence[str], bindings: dict[str, dict[str, str]]
) -> tuple[str, ...]:
  """Adds options to the bindings of their stages; the others are T5X's."""
  flags = []
  for option in rest:
    if not option.startswith('--'):
      raise UserError(f"'{option}': options for T5X are --NAME=VALUE")
    owner, dot, binding = option.removeprefix('--').partition('.')
    name, equals, value = binding.partition('=')
    if not dot or owner not in ('gin', *STAGES):
      flags.append(option)
    elif not equals:
      raise UserError(f"'{option}': a binding is --{owner}.NAME=VALUE")
    elif owner != 'gin' and owner not in bindings:
      raise UserError(f"'{option}', but there is no --manifest {owner}=DIR")
    else:
      for stage in bindings if owner == 'gin' else [owner]:
        bindings[stage][name] = value
  return tuple(flags)
