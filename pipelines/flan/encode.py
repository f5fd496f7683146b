"""Encodes rendered text as examples, and counts them."""

import collections
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Bools, Int64s, Ragged, UInt64s, offsets_of
from ul2_flan.tasks.rendering import Charset, Rendered
from ul2_flan.tasks.rendering.instances.instances import pick
from ul2_flan.tasks.vocabulary import Vocabulary

# Characters of the texts whose lengths are kept: those of a block of a thousand
# rows, or of many small ones.
_KNOWN_CHARS = 1 << 22

# The draws that every run counts.
COUNTED = ('template', 'exemplar_count')


class Encoder:
  """Encodes examples, for one vocabulary and one pair of lengths."""

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
      vocabulary: the vocabulary.
      charset: which characters it can write, and what stands for others.
      lengths: 'inputs' and 'targets' in tokens, EOS included, and
        'inputs_eos', whether inputs will get one; stored examples have none.
      provenance: store where each example comes from.
      keep_text: store the text beside the ids.
    """
    self._vocabulary = vocabulary
    self._charset = charset
    self._limits = {
      'inputs': lengths['inputs'] - int(lengths['inputs_eos']),
      'targets': lengths['targets'] - 1,
    }
    self._blank_ids = np.array(vocabulary.blank_ids, np.int32)
    self._known: dict[str, int] = {}
    self._known_chars = 0
    self._provenance = provenance
    self._keep_text = keep_text

  def max_tokens(self, feature: str) -> int:
    """Returns how many tokens a feature has at most, without EOS."""
    return self._limits[feature]

  @property
  def draws(self) -> tuple[str, ...]:
    """The draws that `encode` has to be told of."""
    return (*COUNTED, 'exemplars') if self._provenance else COUNTED

  def count_tokens(self, texts: Sequence[str]) -> list[int]:
    """Counts the tokens of each text.

    It keeps the lengths of texts that it counted lately: all instances of a
    task share a definition, and each is counted for several settings.
    """
    known = self._known
    new = [text for text in dict.fromkeys(texts) if text not in known]
    self._known_chars += sum(map(len, new))
    if self._known_chars > _KNOWN_CHARS:
      known.clear()
      new = list(dict.fromkeys(texts))
      self._known_chars = sum(map(len, new))
    if new:
      lengths = self._vocabulary.encode_block(new).lengths.tolist()
      known.update(zip(new, lengths, strict=True))
    return [known[text] for text in texts]

  def count_new_tokens(self, texts: Sequence[str]) -> list[int]:
    """As `count_tokens`, for texts that do not recur: it keeps nothing."""
    lengths: list[int] = self._vocabulary.encode_block(texts).lengths.tolist()
    return lengths

  def encode(
    self,
    rendered: Mapping[str, Rendered],
    keys: UInt64s,
    is_validation: Bools,
    *,
    code: bool,
    places: Sequence[str],
    counts: Counts,
  ) -> Iterator[Batch]:
    """Encodes a block's examples in all settings.

    Drops examples that are still too long, that have an empty side, or whose
    targets are unknown tokens alone; text is never cut here.

    Args:
      rendered: for each data set, what its setting made of n instances, with
        the draws that `draws` names.
      keys: uint64 [n], the instances' keys.
      is_validation: bool [n], which are of the validation split.
      code: whether the text is code, of which no character may change.
      places: n places of their rows, for provenance.
      counts: gets the accounts of each data set; see `flan.accounts`.

    Yields:
      the examples of each data set, in the order of the instances.
    """
    writable = [self._charset.apply(r, code=code) for r in rendered.values()]
    # In one call: a cache of words pays for itself only in large blocks.
    ids = self._vocabulary.encode_block(
      [text for r in writable for text in (*r.inputs, *r.targets)]
    )
    start = 0
    for number, (name, made) in enumerate(zip(rendered, writable, strict=True)):
      # On disk, the number of instances is called 'rows'.
      counts.add(f'{name}/rows', len(keys))
      for reason, instances in made.rejects.items():
        counts.add(f'{name}/dropped/{reason}', len(instances))
      # All inputs of a data set, then all its targets.
      middle, stop = start + len(made), start + 2 * len(made)
      sides = {
        'inputs': ids.slice(start, middle),
        'targets': ids.slice(middle, stop),
      }
      start = stop
      kept = self._fitting(sides, name, counts)
      if len(kept) < len(made):
        sides = {feature: side.take(kept) for feature, side in sides.items()}
      # For each example, its instance.
      index = made.index[kept]
      self._count(sides, is_validation[index], name, counts)
      chosen = kept.tolist()
      draws = {what: pick(drawn, chosen) for what, drawn in made.draws.items()}
      _count_draws(draws, name, counts)
      columns: dict[str, records.Column] = {**sides}
      if self._keep_text:
        for feature in sides:
          texts = pick(getattr(made, feature), chosen)
          columns[f'{feature}_pretokenized'] = [t.encode() for t in texts]
      if self._provenance:
        columns |= _provenance(draws, keys[index], pick(places, index.tolist()))
      yield Batch(
        records.encode_examples(columns),
        keys[index],
        np.full(len(index), number, np.int64),
        is_validation[index],
      )

  def _fitting(
    self, sides: Mapping[str, Ragged], data_set: str, counts: Counts
  ) -> Int64s:
    """Returns the indices of examples that fit and have something to learn."""
    refused: dict[str, Bools] = {}
    for name, side in sides.items():
      lengths = side.lengths
      refused[f'{name}_too_long'] = lengths > self._limits[name]
      refused[f'{name}_empty'] = lengths == 0
    refused['targets_unknown'] = self._unknown_alone(sides['targets'])
    fits = np.ones(len(sides['inputs']), np.bool_)
    for reason, bad in refused.items():
      if dropped := np.count_nonzero(fits & bad):
        counts.add(f'{data_set}/dropped/{reason}', int(dropped))
        fits &= ~bad
    kept = np.flatnonzero(fits)
    counts.add(f'{data_set}/rendered', len(kept))
    return kept

  def _unknown_alone(self, side: Ragged) -> Bools:
    """Returns which of n sequences hold unknown tokens and no other: bool [n].

    Pieces of white space, which stand before unknown words, do not count.
    """
    unknown = side.values == self._vocabulary.unk_id
    if not unknown.any():
      return np.zeros(len(side), np.bool_)
    said = ~(unknown | np.isin(side.values, self._blank_ids))
    # How many tokens of a kind stand before each sequence, and before its end.
    num_unknown, num_said = (
      np.diff(offsets_of(tokens)[side.offsets]) for tokens in (unknown, said)
    )
    return (num_unknown > 0) & (num_said == 0)

  def _count(
    self,
    sides: Mapping[str, Ragged],
    is_validation: Bools,
    data_set: str,
    counts: Counts,
  ) -> None:
    """Counts unknown tokens, and by split what seqio's statistics have."""
    for name, side in sides.items():
      unknown = np.count_nonzero(side.values == self._vocabulary.unk_id)
      counts.add(f'{data_set}/unknown/{name}', int(unknown))
    for split, chosen in (
      ('train', ~is_validation),
      ('validation', is_validation),
    ):
      examples = np.count_nonzero(chosen)
      if not examples:
        continue
      where = f'{data_set}/data/{split}/all'
      counts.add(f'{where}/examples', int(examples))
      for name, side in sides.items():
        lengths = side.lengths[chosen]
        counts.add(f'{where}/{name}_tokens', int(lengths.sum()))
        counts.see(f'{where}/{name}_max_tokens', int(lengths.max()))


def _count_draws(
  draws: Mapping[str, list[Any]], data_set: str, counts: Counts
) -> None:
  """Counts the uses of each template, on disk 'wordings', and exemplars."""
  for label, n in collections.Counter(draws['template']).items():
    counts.add(f'{data_set}/wordings/{label}', n)
  if 'exemplar_count' in draws:
    counts.add(f'{data_set}/exemplars', sum(draws['exemplar_count']))


# The features of `--provenance`, below 'provenance/'.
PROVENANCE = ('source', 'key', 'template', 'exemplars')


def _provenance(
  draws: Mapping[str, list[Any]], keys: UInt64s, places: Sequence[str]
) -> dict[str, records.Column]:
  """Makes text features that say where examples come from."""
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
