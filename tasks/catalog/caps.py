"""A task's cap: at most this many of its examples count.

    counted(task) = min(examples(task), cap(task))

Without caps a few large tasks would crowd out all others (arXiv 1910.10683,
section 3.5.2). A Flan run renders no more rows of a task than its cap, unless
`--cap` says otherwise; and what is counted is a task's weight in a mixture
(`mixtures/rates.py`), unless the mixture's part says `cap`.
"""

from collections.abc import Mapping

# By suite, from arXiv 2210.11416, Table 23: Muffin (the first three), T0-SF,
# NIv2 and CoT. The released code caps dialog at 200,000 instead, and NIv2 as a
# whole, which has no part in `RELEASED_CAPS`: see `flan2022_released` in
# mixtures/flan2022.toml.
CAPS: Mapping[str, int] = {
  'flan2021': 30_000,
  'dialog': 30_000,
  'program_synthesis': 30_000,
  't0_sf': 20_000,
  'niv2': 5_000,
  'cot': 100_000,
}

# For runs as google-research/FLAN's released code (flan/v2/mixtures.py).
RELEASED_CAPS: Mapping[str, int] = {**CAPS, 'dialog': 200_000, 'niv2': 0}
