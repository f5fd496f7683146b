"""Several examples in one sequence, as seqio's pre-packed converters take them.

best_fit: which examples share a sequence
pack: the sequences of a window
layout: their tokens, segments and positions
shape: how long a sequence is, and for which architecture
"""

from ul2_flan.pipelines.mix.packing.pack import (
  Packed,
  feature_lengths,
  pack,
  sequence_of,
)
from ul2_flan.pipelines.mix.packing.shape import ARCHITECTURES, PackedShape
