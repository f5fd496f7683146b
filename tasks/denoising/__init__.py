"""UL2's denoisers: from token ids to inputs and targets, and exactly back.

In the order in which a run uses them:

    denoiser     tables of denoisers, shipped (`presets/`) or a user's TOML
    lengths      how many raw tokens fill a model's features once corrupted
    objective    cuts documents into segments and denoises them, block by block
    noise_masks  which tokens of a segment are noise
    sentinels    inputs and targets from a noise mask; `restore` inverts it
    mode_tokens  what stands before the inputs

All functions are pure and work on a block of segments at once, in NumPy.
UL2 is arXiv 2205.05131 (the denoisers: section 3.1, Table 1), UL2R is arXiv
2210.11399 (section 2.3), and the spans are T5's, arXiv 1910.10683 (sections
3.1.4 and 3.3.4).
"""

from ul2_flan.tasks.denoising.denoiser import (
  Denoiser,
  DenoiserTable,
  load_preset,
  parse_table,
  preset_text,
  presets,
)
from ul2_flan.tasks.denoising.lengths import FeatureLengths
from ul2_flan.tasks.denoising.mode_tokens import MODE_TOKENS
from ul2_flan.tasks.denoising.objective import Objective, Segments, solve
from ul2_flan.tasks.denoising.sentinels import Sentinels, corrupt, restore
