"""Examples to show: with spans masked, packed, as prompts, as they are."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.examples import masked, members, packed
from ul2_flan.pipelines.examples.masked import Masked
from ul2_flan.pipelines.examples.packed import Packed
from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.examples.sample import Sampled
from ul2_flan.pipelines.examples.stretches import Stretch, divide

# Examples of each denoiser and of each group, and sequences.
_PER_DENOISER = 2
_PER_GROUP = 2
_SEQUENCES = 12
_UNFOLDED = 2

# Characters of a text that are shown, and of one in a packed sequence.
_CHARS = 1200
_CHARS_PACKED = 240

# Characters of plain text that are shown before and after a mask.
_EDGE = 150

# A text of about so many tokens shows a mask well, and can be taken in.
_GOOD_TOKENS = 150


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
  """An example as it is.

  Attributes:
    title: its data set, or what is known of it.
    notes: its provenance, if the run stored that.
    inputs: what the model reads.
    targets: what it is to write.
    mark: the place of its member among those of `Packs`; -1 for none.
  """

  title: str
  notes: Sequence[tuple[str, str]]
  inputs: Sequence[Stretch]
  targets: Sequence[Stretch]
  mark: int = -1


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
  """A part of a packed sequence's bar.

  Attributes:
    mark: the place of its member among those of `Packs`.
    start: where it begins, from 0 to 1.
    width: likewise.
    tokens: how many it stands for.
  """

  mark: int
  start: float
  width: float
  tokens: int


@dataclasses.dataclass(frozen=True, slots=True)
class Packs:
  """Packed sequences.

  Attributes:
    members: what the marks stand for.
    exact: whether they are members; else all that the tokens tell.
    sequences: for each sequence its sides, and for each of these its bars.
    unfolded: of those that hold the most, the number and the examples.
  """

  members: Sequence[str]
  exact: bool
  sequences: Sequence[Mapping[str, Sequence[Bar]]]
  unfolded: Sequence[tuple[int, Sequence[Shown]]]


def cut(stretches: Sequence[Stretch], most: int = _CHARS) -> list[Stretch]:
  """Shortens stretches to so many characters, and says that it did.

  >>> cut([Stretch('abc'), Stretch('defg')], 5)[-1].text
  'de …'
  """
  short: list[Stretch] = []
  left = most
  for stretch in stretches:
    if len(stretch.text) > left:
      text = f'{stretch.text[:left]} …'
      return [*short, dataclasses.replace(stretch, text=text)]
    short.append(stretch)
    left -= len(stretch.text)
  return short


def without_middles(stretches: Sequence[Stretch]) -> list[Stretch]:
  """Leaves out the middles of plain text, so that masks come into view.

  Only of a text that is too long to be shown whole.

  >>> [len(s.text) for s in without_middles([Stretch('a' * 9999)])]
  [303]
  """
  if sum(len(s.text) for s in stretches) <= _CHARS:
    return list(stretches)
  return [
    dataclasses.replace(s, text=f'{s.text[:_EDGE]} … {s.text[-_EDGE:]}')
    if s.kind == 'text' and len(s.text) > 2 * _EDGE
    else s
    for s in stretches
  ]


def denoised(
  run: Run, sample: Mapping[str, Sequence[Sampled]]
) -> dict[str, list[tuple[Mapping[str, Any], Masked]]]:
  """Sorts examples by their denoiser; gives none for runs without denoisers."""
  objective = masked.objective_of(run)
  if objective is None or run.vocabulary is None:
    return {}
  found: dict[str, list[tuple[Mapping[str, Any], Masked]]]
  found = {d.name: [] for d in objective.denoisers}
  for sampled in sample.values():
    for example in (e for s in sampled for e in s.examples):
      one = masked.take_apart(example, objective, run.vocabulary)
      name = ' or '.join(one.denoisers)
      found.setdefault(name, []).append((example, one))
  return {name: many for name, many in found.items() if many}


def good_ones(many: Sequence[tuple[Any, Masked]]) -> list[Masked]:
  """Chooses examples of a denoiser that show well what it does."""
  best = sorted(
    (m for _, m in many), key=lambda m: abs(m.tokens - _GOOD_TOKENS)
  )
  return [_shortened(m) for m in best[:_PER_DENOISER]]


def _shortened(one: Masked) -> Masked:
  return dataclasses.replace(
    one,
    text=tuple(cut(without_middles(one.text))),
    inputs=tuple(cut(without_middles(one.inputs))),
    targets=tuple(cut(one.targets)),
  )


def as_they_are(
  run: Run, sample: Mapping[str, Sequence[Sampled]]
) -> dict[str, list[Shown]]:
  """Chooses examples of each group; none of packed sequences."""
  if run.manifest.is_packed or 'inputs' not in run.manifest.features:
    return {}
  shown: dict[str, list[Shown]] = {}
  for group, sampled in sample.items():
    # One of each data set first, then the second of each.
    firsts = [
      (s.data_set, s.examples[i])
      for i in range(_PER_GROUP)
      for s in sampled
      if i < len(s.examples)
    ]
    shown[group] = [
      Shown(data_set, notes_of(e), *sides_of(run, e, _CHARS))
      for data_set, e in firsts[:_PER_GROUP]
    ]
  return {group: found for group, found in shown.items() if found}


def notes_of(example: Mapping[str, Any]) -> list[tuple[str, str]]:
  """Lists the text features of an example beside its tokens."""
  return [
    (
      name.removeprefix('provenance/'),
      b' '.join(texts).decode(errors='replace'),
    )
    for name, texts in example.items()
    if isinstance(texts, list) and not name.endswith('_pretokenized')
  ]


def sides_of(
  run: Run, example: Mapping[str, Any], most: int
) -> tuple[list[Stretch], list[Stretch]]:
  """Spells inputs and targets, each cut to so many characters."""
  inputs, targets = (
    cut(list(divide(example.get(side, ()), run.vocabulary)), most)
    for side in ('inputs', 'targets')
  )
  return inputs, targets


def packs(run: Run, sample: Mapping[str, Sequence[Sampled]]) -> Packs | None:
  """Returns packed sequences of a run; None if it has none."""
  if not run.manifest.is_packed:
    return None
  # `members` knows the first shard, which is the first of a sample.
  first = next((s for found in sample.values() for s in found), None)
  sequences = [
    list(packed.unpack(e)) for e in (first.examples if first else ())
  ][:_SEQUENCES]
  named = members.of_first_sequences(run)[: len(sequences)]
  exact = [len(n) for n in named] == [len(s) for s in sequences]
  if not exact:
    named = [[_told(run, p) for p in s] for s in sequences]
  known = sorted({name for names in named for name in names})
  marks = [[known.index(name) for name in names] for names in named]
  room = _room(run)
  fullest = sorted(range(len(marks)), key=lambda i: -len(marks[i]))
  unfolded = [
    (
      i + 1,
      [
        Shown(known[mark], [], *sides_of(run, p.sides, _CHARS_PACKED), mark)
        for mark, p in zip(marks[i], sequences[i], strict=True)
      ],
    )
    for i in sorted(fullest[:_UNFOLDED])
  ]
  bars = [
    {side: list(_bars(side, s, of, n)) for side, n in room.items()}
    for s, of in zip(sequences, marks, strict=True)
  ]
  return Packs(known, exact, bars, unfolded)


def _room(run: Run) -> dict[str, int]:
  lengths = {n: f.length for n, f in run.manifest.features.items()}
  # A manifest that was changed may have none.
  if 'inputs' in lengths:
    return {s: lengths.get(s) or 1 for s in ('inputs', 'targets')}
  return {'both': lengths.get('decoder_target_tokens') or 1}


def _bars(
  side: str, sequence: Sequence[Packed], marks: Sequence[int], room: int
) -> Iterator[Bar]:
  start = 0
  for mark, example in zip(marks, sequence, strict=True):
    sides = example.sides
    wanted = [side] if side in sides else list(sides)
    tokens = sum(len(sides[s]) for s in wanted)
    yield Bar(mark, start / room, tokens / room, tokens)
    start += tokens


def _told(run: Run, example: Packed) -> str:
  """Says what an example's tokens tell of where it is from."""
  if run.vocabulary is None:
    return 'an example'
  ids = np.concatenate([example.inputs, example.targets])
  if run.vocabulary.sentinels.among(ids).any():
    return 'text with masked spans'
  begins = run.vocabulary.spell(example.inputs[:8].tolist()).strip()
  return 'text with a prefix' if begins.startswith('[S') else 'an instruction'
