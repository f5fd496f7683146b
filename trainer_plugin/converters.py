"""Which feature converter a model needs for a data set.

T5X asks the model alone. The data set has a say too: what is packed already
must not be packed again, and a decoder-only data set bounds the sum of both
sides, which stock converters take for a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
import functools

import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.registration.task import SumBoundedTask

Converter = Callable[..., seqio.FeatureConverter]


def converter_for(name: str, of_model: Converter) -> Converter:
  """The converter that makes a model's features of a data set.

  Args:
    name: of a registered task or mixture.
    of_model: the model's own, `FEATURE_CONVERTER_CLS`.

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
  """Without `pack`: T5X always gives it, and here it must be off."""

  def make(
    pack: bool = False, use_custom_packing_ops: bool = False
  ) -> seqio.FeatureConverter:
    del pack, use_custom_packing_ops
    return converter(pack=False)

  return make


def _is_encoder_decoder(converter: Converter) -> bool:
  while isinstance(converter, functools.partial):
    converter = converter.func
  return isinstance(converter, type) and issubclass(
    converter, seqio.EncDecFeatureConverter
  )


def _require(right: bool, name: str, model: str) -> None:
  if not right:
    raise UserError(
      f"'{name}' was made for {model}, and the model is not one. Make the data "
      'set again, with or without --decoder_only, or take a model of that kind'
    )
