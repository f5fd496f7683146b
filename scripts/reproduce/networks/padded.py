"""Gives each example a row of its own, also where T5X asks to pack."""

from __future__ import annotations

from typing import Any

import seqio


class Converter(seqio.PrefixLMFeatureConverter):
  """Never packs: T5X packs whatever our pipelines have not packed."""

  def __init__(self, pack: bool = False, **settings: Any):
    """Takes the arguments of seqio's converter; `pack` is not heard."""
    del pack
    super().__init__(pack=False, **settings)
