"""Chooses the feature converter for a model and a data set.

T5X asks only the model for one. But it depends on the data set too: packed
sequences must not be packed again, and a decoder-only data set bounds the sum
of inputs and targets, while stock converters check each of them.
"""

from __future__ import annotations

from collections.abc import Callable
import functools

import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.registration.task import SumBoundedTask

Converter = Callable[..., seqio.FeatureConverter]


def converter_for(name: str, of_model: Converter) -> Converter:
  """Returns the converter that turns examples into a model's features.

  Args:
    name: of a registered task or mixture.
    of_model: the model's own converter, its `FEATURE_CONVERTER_CLS`.

  Raises:
    UserError: the data set was made for the other kind of model.
  """
  provider = seqio.get_mixture_or_task(name)
  features = provider.output_features
  decoder_only = not _is_encoder_decoder(of_model)
  if 'inputs_segment_ids' in features:
    _require(not decoder_only, name, 'an encoder-decoder')
    return _alone(seqio.PrePackedEncDecFeatureConverter)
  if 'decoder_segment_ids' in features:
    _require(decoder_only, name, 'a decoder-only model')
    if 'decoder_causal_attention' in features:
      return _alone(seqio.PrePackedPrefixLMFeatureConverter)
    return _alone(seqio.PrePackedLMFeatureConverter)
  if any(isinstance(t, SumBoundedTask) for t in seqio.get_subtasks(provider)):
    _require(decoder_only, name, 'a decoder-only model')
    return functools.partial(of_model, apply_length_check=False)
  return of_model


def _alone(converter: Converter) -> Converter:
  """Makes a converter that never packs, though T5X may ask it to."""

  def make(
    pack: bool = False, use_custom_packing_ops: bool = False
  ) -> seqio.FeatureConverter:
    del pack, use_custom_packing_ops
    return converter(pack=False)

  return make


def _is_encoder_decoder(converter: Converter) -> bool:
  """Whether a converter, with some arguments given or not, is for these."""
  while isinstance(converter, functools.partial):
    converter = converter.func
  return isinstance(converter, type) and issubclass(
    converter, seqio.EncDecFeatureConverter
  )


def _require(fits: bool, name: str, model: str) -> None:
  """Raises an error if the data set does not fit the kind of model."""
  if not fits:
    raise UserError(
      f"'{name}' was made for {model}, and the model is not one. Make the data "
      'set again, with or without --decoder_only, or take a model of that kind'
    )
