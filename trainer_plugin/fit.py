"""Refuses a model and data that were not made for each other.

A decoder that is trained on examples of an encoder-decoder learns to expect EOS
after its prompts; T5X would read either data with either model, and say
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
import functools
from typing import Any

import seqio
import tensorflow as tf

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import ARCHITECTURES, Manifest
from ul2_flan.tasks.messages import complain
from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin.configs import settings

Converter = Callable[..., seqio.FeatureConverter]

# The architectures of models by that of the data. A causal decoder reads what
# was made for a prefix LM, and has its loss on targets alone.
_READ_BY = {
  'enc_dec': {'enc_dec'},
  'prefix_lm': {'prefix_lm', 'lm'},
  'lm': {'lm'},
}

_WORDS = {
  'enc_dec': 'an encoder-decoder',
  'prefix_lm': 'a decoder-only model',
  'lm': 'a decoder-only model that is causal (--pack lm)',
}


def models_of(converter: Converter) -> set[str]:
  """Returns the architectures of models that have a feature converter.

  Args:
    converter: a model's `FEATURE_CONVERTER_CLS`, with some arguments or not.
  """
  while isinstance(converter, functools.partial):
    converter = converter.func
  is_enc_dec = isinstance(converter, type) and issubclass(
    converter, seqio.EncDecFeatureConverter
  )
  return {'enc_dec'} if is_enc_dec else set(ARCHITECTURES) - {'enc_dec'}


def model_of(model: Any) -> str:
  """Returns the architecture of a model of T5X."""
  if 'enc_dec' in models_of(model.FEATURE_CONVERTER_CLS):
    return 'enc_dec'
  # T5X keeps what the gin file says under this name alone.
  sees_both_ways = model._inputs_bidirectional_attention
  return 'prefix_lm' if sees_both_ways else 'lm'


def require(made_for: str, models: Collection[str], where: str) -> None:
  """Refuses data that was made for another kind of model.

  Args:
    made_for: the architecture of the data, as of `Manifest`.
    models: the model's; several, if it is not quite known.
    where: the data's name, for the message.

  Raises:
    UserError: no such model reads the data.
  """
  if _READ_BY[made_for].isdisjoint(models):
    how = (
      'with another --pack'
      if made_for == 'lm'
      else (f'with{"out" * (made_for != "enc_dec")} --decoder_only')
    )
    raise UserError(
      f'{where} was made for {_WORDS[made_for]}, and the model is '
      f'{_WORDS[min(models)]}. Make the data again {how}, or take a model of '
      'that kind'
    )


def load(
  manifests: str | Sequence[str], model: Any | None = None
) -> dict[str, Manifest]:
  """Reads manifests, by path, that are read together and by one model.

  Args:
    manifests: a path, or several.
    model: T5X's; None for any.

  Raises:
    UserError: one is missing, or for another kind of model; or they differ in
      kind.
  """
  loaded = {path: load_manifest(path) for path in paths(manifests)}
  for path, manifest in loaded.items():
    require_model(manifest, path, model)
  kinds = {path: _kind(manifest) for path, manifest in loaded.items()}
  if len(set(kinds.values())) > 1:
    raise UserError(
      'these cannot be read together: '
      + '; '.join(f'{path} ({kind})' for path, kind in kinds.items())
      + '. Give manifests of one kind, as MANIFEST and as EVAL_MANIFESTS'
    )
  return loaded


def paths(manifests: str | Sequence[str]) -> list[str]:
  """Returns the paths of one manifest or several."""
  return [manifests] if isinstance(manifests, str) else list(manifests)


def _kind(manifest: Manifest) -> str:
  kind = 'packed' if manifest.is_packed else 'not packed'
  if manifest.decoder_only:
    kind += ', decoder-only' + ', causal' * (manifest.architecture == 'lm')
    kind += ', with EOS after inputs' * manifest.inputs_eos
  return kind


def require_model(manifest: Manifest, where: str, model: Any | None) -> None:
  """Refuses a manifest's data for a model of T5X; None for any model."""
  if model is not None:
    require(manifest.architecture, [model_of(model)], where)


def require_prompts_as_trained(
  manifest: Manifest, where: str, trained_on: Manifest, trained_where: str
) -> None:
  """Refuses prompts that do not end as the inputs that a model is trained on.

  Raises:
    UserError: one of the two has EOS, and the other has not.
  """
  if manifest.inputs_eos != trained_on.inputs_eos:
    has, lacks = (where, trained_where)[:: 1 if manifest.inputs_eos else -1]
    raise UserError(
      f'inputs of {has} end with EOS, and those of {lacks} do not: a model '
      'would be asked otherwise than it was trained. Make the prompts again '
      f'with{"out" * (not manifest.inputs_eos)} --decoder_only'
    )


def trained_on(checkpoint: str | Sequence[str]) -> list[str]:
  """Returns the manifests that a checkpoint was trained on, where that is told.

  T5X leaves a run's settings beside its checkpoints, as `config.gin`.

  Args:
    checkpoint: its path, or that of the folder of several.

  Returns:
    paths; none if no run of ours made it, or if its data is there no more.
  """
  path = paths(checkpoint)[0].rstrip('/')
  for folder in (path.rpartition('/')[0], path):
    if tf.io.gfile.exists(f'{folder}/{settings.CONFIG}'):
      break
  else:
    return []
  with tf.io.gfile.GFile(f'{folder}/{settings.CONFIG}') as f:
    found = paths(settings.macros(f.read()).get('MANIFEST') or [])
  lost = [
    one for one in found if not tf.io.gfile.exists(manifest_lib.path_of(one))
  ]
  if lost:
    complain(
      f'{folder}/{settings.CONFIG} says that the model was trained on '
      f'{lost[0]}, which is there no more: it is not checked that prompts end '
      'as its inputs did. Give the manifest where it is now as TRAINED_ON'
    )
  return [] if lost else found
