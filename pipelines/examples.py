"""From rendered text to encoded examples, with their counts."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ul2_flan.pipelines.job import Batch
from ul2_flan.pipelines.reports import Counts
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Bools, Ragged, UInt64s
from ul2_flan.tasks.rendering import Charset, Rendered
from ul2_flan.tasks.vocabulary import Vocabulary


class Encoder:
  """Makes examples of text, for one vocabulary and one pair of lengths."""

  def __init__(
    self,
    vocabulary: Vocabulary,
    charset: Charset,
    lengths: Mapping[str, Any],
    *,
    provenance: bool,
    keep_text: bool,
  ):
    """Keeps what all examples share.

    Args:
      vocabulary: encodes.
      charset: what the vocabulary can do with characters.
      lengths: 'inputs' and 'targets' in tokens, EOS included, and
        'inputs_eos', whether inputs will get one.
      provenance: store where each example comes from.
      keep_text: store the text beside the ids.
    """
    self._vocabulary = vocabulary
    self._charset = charset
    self._limits = {
      'inputs': lengths['inputs'] - int(lengths['inputs_eos']),
      'targets': lengths['targets'] - 1,
    }
    self._provenance = provenance
    self._keep_text = keep_text

  def max_tokens(self, feature: str) -> int:
    """The most tokens of a feature, without EOS."""
    return self._limits[feature]

  def count_tokens(self, texts: Sequence[str]) -> list[int]:
    """How many tokens each text has."""
    lengths: list[int] = self._vocabulary.encode_block(texts).lengths.tolist()
    return lengths

  def encode(
    self,
    rendered: Rendered,
    keys: UInt64s,
    is_validation: Bools,
    data_set: str,
    *,
    code: bool,
    places: Sequence[str],
    counts: Counts,
  ) -> Batch:
    """Encodes a block's examples in one setting.

    An example with an empty side, or that is still too long, is dropped; the
    text is never cut here.

    Args:
      rendered: with its draws.
      keys: uint64 [n], of the rows that were rendered.
      is_validation: bool [n], likewise.
      data_set: whose counts these are.
      code: the text is code.
      places: of the rows, for provenance.
      counts: gets 'examples/...', 'data/...', 'wordings/...', 'exemplars/...'.
    """
    where = f'examples/{data_set}'
    counts.add(f'{where}/rows', len(keys))
    rendered = self._charset.apply(rendered, code=code)
    for reason, rows in rendered.rejects.items():
      counts.add(f'{where}/dropped/{reason}', len(rows))
    sides = {
      'inputs': self._vocabulary.encode_block(rendered.inputs),
      'targets': self._vocabulary.encode_block(rendered.targets),
    }
    fits = np.ones(len(rendered), np.bool_)
    for name, side in sides.items():
      for reason, bad in (
        (f'{name}_too_long', side.lengths > self._limits[name]),
        (f'{name}_empty', side.lengths == 0),
      ):
        counts.add(f'{where}/dropped/{reason}', int((fits & bad).sum()))
        fits &= ~bad
    kept = np.flatnonzero(fits)
    index = rendered.index[kept]
    if len(kept) < len(fits):
      sides = {name: side.take(kept) for name, side in sides.items()}
    counts.add(f'{where}/rendered', len(kept))
    held_out = is_validation[index]
    self._count(sides, held_out, data_set, counts)
    chosen = kept.tolist()
    draws = {name: [d[i] for i in chosen] for name, d in rendered.draws.items()}
    for label, n in collections.Counter(draws['template']).items():
      counts.add(f'wordings/{data_set}/{label}', n)
    if 'exemplars' in draws:
      counts.add(f'exemplars/{data_set}', sum(map(len, draws['exemplars'])))
    columns: dict[str, records.Column] = {**sides}
    if self._keep_text:
      for name in sides:
        texts = getattr(rendered, name)
        columns[f'{name}_pretokenized'] = [texts[i].encode() for i in chosen]
    if self._provenance:
      columns |= _provenance(draws, keys[index], [places[i] for i in index])
    return Batch(
      records.encode_examples(columns),
      keys[index],
      np.zeros(len(index), np.int64),
      held_out,
    )

  def _count(
    self,
    sides: Mapping[str, Ragged],
    is_validation: Bools,
    data_set: str,
    counts: Counts,
  ) -> None:
    """seqio's statistics, by split."""
    for split, chosen in (
      ('train', ~is_validation),
      ('validation', is_validation),
    ):
      where = f'data/{data_set}/{split}/all'
      counts.add(f'{where}/examples', int(chosen.sum()))
      for name, side in sides.items():
        lengths = side.lengths[chosen]
        if len(lengths):
          counts.add(f'{where}/{name}_tokens', int(lengths.sum()))
          counts.see(f'{where}/{name}_max_tokens', int(lengths.max()))


PROVENANCE = ('source', 'key', 'template', 'exemplars')


def _provenance(
  draws: Mapping[str, list[Any]], keys: UInt64s, places: Sequence[str]
) -> dict[str, records.Column]:
  """Text features that say where examples are from."""
  none: list[list[int]] = [[] for _ in places]
  return {
    'provenance/source': [place.encode() for place in places],
    'provenance/key': [b'%016x' % key for key in keys.tolist()],
    'provenance/template': [label.encode() for label in draws['template']],
    'provenance/exemplars': [
      b' '.join(b'%016x' % key for key in exemplars)
      for exemplars in draws.get('exemplars', none)
    ],
  }
