"""Mode tokens: which one stands before the inputs, and putting it there.

A mode token tells the model which paradigm of denoiser made an example: R, S or
X (UL2, section 3.1.2). It is one id where the vocabulary has a piece for it.
Else it is ordinary text, which the vocabulary tokenises, so it may be several
ids. Denoisers of the mode 'none' have none.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of, position_in

# The mode token of each paradigm. The released UL2 checkpoints and U-PaLM
# (section 2.3) use the first set, tokenised as ordinary text; the UL2 paper
# (section 3.1.2) writes the second.
MODE_TOKENS: Mapping[str, Mapping[str, str]] = {
  'nlu_s2s_nlg': {'R': '[NLU]', 'S': '[S2S]', 'X': '[NLG]', 'none': ''},
  'r_s_x': {'R': '[R]', 'S': '[S]', 'X': '[X]', 'none': ''},
  'none': {'R': '', 'S': '', 'X': '', 'none': ''},
}


def prepend(
  inputs: Ragged, mode_ids: Sequence[tuple[int, ...]], which: Int64s
) -> Ragged:
  """Puts `mode_ids[which[i]]` in front of sequence `i`.

  >>> prepend(Ragged.of([[7], [8, 9]]), [(1, 2), ()], np.array([0, 1])).values
  array([1, 2, 7, 8, 9], dtype=int32)
  """
  modes = Ragged.of(list(mode_ids))
  added = modes.lengths[which]
  if not added.any():
    return inputs
  offsets = offsets_of(inputs.lengths + added)
  values = np.empty(offsets[-1], np.int32)
  is_text = np.ones(len(values), np.bool_)
  place = position_in(offsets_of(added))
  slots = np.repeat(offsets[:-1], added) + place
  is_text[slots] = False
  values[slots] = modes.values[np.repeat(modes.offsets[which], added) + place]
  values[is_text] = inputs.values
  return Ragged(values, offsets)
