"""Chooses the feature converter for a model and a data set.

T5X asks only the model for one. But it depends on the data set too: packed
sequences must not be packed again, and a decoder-only data set bounds the sum
of inputs and targets, while stock converters check each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
import functools

import seqio

from ul2_flan.tasks.manifest import packed_for
from ul2_flan.tasks.registration.task import ManifestTask, SumBoundedTask
from ul2_flan.trainer_plugin import fit
from ul2_flan.trainer_plugin.fit import Converter

_PREPACKED: Mapping[str, Converter] = {
  'enc_dec': seqio.PrePackedEncDecFeatureConverter,
  'prefix_lm': seqio.PrePackedPrefixLMFeatureConverter,
  'lm': seqio.PrePackedLMFeatureConverter,
}


def converter_for(name: str, of_model: Converter) -> Converter:
  """Returns the converter that turns examples into a model's features.

  Args:
    name: of a registered task or mixture.
    of_model: the model's own converter, its `FEATURE_CONVERTER_CLS`.

  Raises:
    UserError: the data set was made for the other kind of model.
  """
  provider = seqio.get_mixture_or_task(name)
  models = fit.models_of(of_model)
  packed = packed_for(provider.output_features)
  if packed:
    fit.require(packed, models, f"'{name}'")
    return _alone(_PREPACKED[packed])
  # Tasks of others may be for any model.
  tasks = seqio.get_subtasks(provider)
  ours = [task for task in tasks if isinstance(task, ManifestTask)]
  for task in ours:
    fit.require(task.architecture, models, f"'{task.name}'")
  if any(isinstance(task, SumBoundedTask) for task in ours):
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
