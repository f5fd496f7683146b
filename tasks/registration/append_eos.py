"""Whether EOS is appended to an example, to which of its features, and when.

Records never end with EOS. For each feature, `add_eos` in the manifest says
whether the reader appends one: always to targets, and to inputs unless a
decoder reads both as one text. Packed sequences hold EOS already, so the reader
appends none.
"""

from collections.abc import Callable, Mapping
from typing import Any

import seqio
import tensorflow as tf

from ul2_flan.tasks.manifest import Manifest


def features_of(
  manifest: Manifest, vocabulary: seqio.Vocabulary
) -> Mapping[str, seqio.Feature]:
  """Describes the features of token ids for seqio, with their `add_eos`."""
  return {
    key: seqio.Feature(vocabulary, add_eos=feature.add_eos, dtype=tf.int32)
    for key, feature in manifest.features.items()
    if feature.dtype == 'int32'
  }


def append_eos(manifest: Manifest) -> Callable[..., Any]:
  """Returns the preprocessor that appends EOS where a feature asks for it.

  It appends after trimming, so a trimmed example ends with EOS too.
  Decoder-only examples are never trimmed.
  """
  if manifest.decoder_only:
    return seqio.preprocessors.append_eos
  return seqio.preprocessors.append_eos_after_trim
