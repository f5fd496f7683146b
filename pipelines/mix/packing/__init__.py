"""Several examples in one sequence, as seqio's pre-packed converters take them.

best_fit: which examples share a sequence
pack: their tokens, segments and positions
shape: how long a sequence is, and for which architecture
"""

from ul2_flan.pipelines.mix.packing.pack import Packed as Packed
from ul2_flan.pipelines.mix.packing.pack import (
  feature_lengths as feature_lengths,
)
from ul2_flan.pipelines.mix.packing.pack import pack as pack
from ul2_flan.pipelines.mix.packing.shape import ARCHITECTURES as ARCHITECTURES
from ul2_flan.pipelines.mix.packing.shape import PackedShape as PackedShape
