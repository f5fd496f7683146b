"""Values of a TFDS-prepared example, as Python's own.

Each leaf of a data set's features is a feature of the `tf.train.Example`, under
its path in the tree of features:

    squad/v1.1: answers/text, answers/answer_start, context, id, ...

A sequence adds a dimension to the leaves below it. With two or more of them a
leaf is stored as its values, one after the other, and the lengths of the rows:
`x/ragged_flat_values`, `x/ragged_row_lengths_0` (the outermost), ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import itertools
import math
from typing import Any

from ul2_flan.tasks.records import Feature

# Kinds of leaf that are read, to NumPy's codes of what they are stored as:
# bytes, int64 or float32.
KINDS: Mapping[str, str] = {'text': 'O', 'int': 'i', 'bool': 'i', 'float': 'f'}


class BadRecordError(ValueError):
  """A record that is not what the directory's features say.

  Attributes:
    reason: a code that rejects are counted by.
  """

  def __init__(self, reason: str, detail: str):
    super().__init__(detail)
    self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True)
class Leaf:
  """Values of one type.

  Attributes:
    key: its path in the tree, which names it in an example.
    kind: one of `KINDS`; or the class of a feature that is not read here, such
      as 'Image'.
    shape: of its values in a record; None for a length that varies.
    sequences: how many of these dimensions are due to sequences.
    optional: whether a record may lack it.
    label: whether it is the id of a class.
  """

  key: str
  kind: str
  shape: tuple[int | None, ...] = ()
  sequences: int = 0
  optional: bool = False
  label: bool = False

  def names(self) -> list[str]:
    """The features of an example that it is stored as."""
    if self.sequences < 2:
      return [self.key]
    lengths = range(self.sequences - 1)
    return [
      f'{self.key}/ragged_flat_values',
      *(f'{self.key}/ragged_row_lengths_{k}' for k in lengths),
    ]

  def read(self, features: Mapping[str, Feature]) -> Any:
    """Its value in an example: text, a number, or nested lists of them.

    Raises:
      BadRecordError: missing_field, wrong_type, wrong_shape or invalid_utf8.
    """
    name, *lengths = self.names() if self.sequences > 1 else (self.key,)
    found = features.get(name)
    # TFDS too reads a list that is not there as an empty one.
    if found is None and None not in self.shape:
      if self.optional:
        return None
      raise BadRecordError('missing_field', f"no '{name}'")
    flat = self._convert([] if found is None else found)
    if not lengths:
      # Most leaves are one value.
      one = not self.shape and len(flat) == 1
      return flat[0] if one else self._reshape(flat, self.shape)
    inner = self.shape[self.sequences :]
    rows = self._reshape(flat, (None, *inner))
    for name in reversed(lengths):
      rows = self._split(rows, features.get(name, []))
    return rows

  def _convert(self, found: Any) -> list[Any]:
    """A feature's values as Python's own."""
    stored = 'O' if isinstance(found, list) else found.dtype.kind
    if stored != KINDS[self.kind] and len(found):
      raise BadRecordError('wrong_type', f"'{self.key}' is not {self.kind}")
    if self.kind == 'text':
      try:
        return [value.decode() for value in found]
      except UnicodeDecodeError as e:
        raise BadRecordError('invalid_utf8', f"'{self.key}': {e}") from e
    if self.kind == 'bool':
      return [bool(value) for value in found]
    if self.kind == 'float':
      # The shortest that is the same float32: 3.8, and not 3.799999952316284.
      return [float(str(value)) for value in found]
    return [int(value) for value in found]

  def _reshape(self, flat: list[Any], shape: tuple[int | None, ...]) -> Any:
    """Values as nested lists; at most one length of the shape may vary."""
    known = math.prod(n for n in shape if n is not None)
    free = len(flat) // known if known else 0
    lengths = [free if n is None else n for n in shape]
    if math.prod(lengths) != len(flat):
      raise BadRecordError(
        'wrong_shape', f"'{self.key}' has {len(flat)} values, not {shape}"
      )
    if not shape:
      return flat[0]
    for depth in reversed(range(1, len(shape))):
      n = lengths[depth]
      starts = range(math.prod(lengths[:depth]))
      flat = [flat[i * n : (i + 1) * n] for i in starts]
    return flat

  def _split(self, rows: list[Any], lengths: Feature) -> list[Any]:
    """Rows in groups of these lengths."""
    counts = lengths if isinstance(lengths, list) else lengths.tolist()
    whole = all(isinstance(n, int) and n >= 0 for n in counts)
    if not whole or sum(counts) != len(rows):
      detail = f"'{self.key}' has {len(rows)} rows, in groups of {counts}"
      raise BadRecordError('wrong_shape', detail)
    ends = itertools.accumulate(counts, initial=0)
    return [rows[a:b] for a, b in itertools.pairwise(ends)]


# A leaf, or names to trees.
Tree = Leaf | Mapping[str, Any]


def leaves(tree: Tree) -> Iterator[Leaf]:
  """The leaves of a tree."""
  if isinstance(tree, Leaf):
    yield tree
    return
  for part in tree.values():
    yield from leaves(part)


def read_tree(tree: Tree, features: Mapping[str, Feature]) -> Any:
  """The record, or the part of one, that an example holds."""
  if isinstance(tree, Leaf):
    return tree.read(features)
  return {name: read_tree(part, features) for name, part in tree.items()}
