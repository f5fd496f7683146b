"""Makes Python's values of a TFDS-prepared example.

Each leaf of a data set's features is a feature of the `tf.train.Example`, named
by its path in the tree of features:

    squad/v1.1: answers/text, answers/answer_start, context, id, ...

A sequence adds a dimension to the leaves below it. A leaf in one sequence, or
none, is stored as its values. In two or more it is stored as all values, one
after the other, and the lengths of each level of lists:
`x/ragged_flat_values`, `x/ragged_row_lengths_0` (the outermost), ...
"""

from collections.abc import Iterator, Mapping
import dataclasses
import itertools
import math
from typing import Any

from ul2_flan.tasks.records import Feature

# Kinds of leaf that are read, and NumPy's codes for how an Example stores them:
# as bytes, int64 or float32.
KINDS: Mapping[str, str] = {'text': 'O', 'int': 'i', 'bool': 'i', 'float': 'f'}


class BadRecordError(ValueError):
  """A record that is not what the directory's features say.

  Attributes:
    reason: a code to count rejects by.
  """

  def __init__(self, reason: str, detail: str):
    super().__init__(detail)
    self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True)
class Leaf:
  """A feature that holds values of one type.

  Attributes:
    key: its path in the tree, which names it in an example.
    kind: one of `KINDS`; or the class of a feature that is not read here, such
      as 'Image'.
    shape: of its values in one example; None for a length that varies.
    sequences: how many of these dimensions are sequences; they come first.
    optional: whether an example may lack it.
    label: whether its values are numbers of classes.
  """

  key: str
  kind: str
  shape: tuple[int | None, ...] = ()
  sequences: int = 0
  optional: bool = False
  label: bool = False

  def names(self) -> list[str]:
    """Returns the names of the example's features that store the leaf.

    >>> Leaf('x', 'int', (None, None), sequences=2).names()
    ['x/ragged_flat_values', 'x/ragged_row_lengths_0']
    """
    if self.sequences < 2:
      return [self.key]
    lengths = range(self.sequences - 1)
    return [
      f'{self.key}/ragged_flat_values',
      *(f'{self.key}/ragged_row_lengths_{k}' for k in lengths),
    ]

  def read(self, features: Mapping[str, Feature]) -> Any:
    """Reads the value in an example: text, a number, or nested lists of them.

    Raises:
      BadRecordError: missing_field, wrong_type, wrong_shape or invalid_utf8.
    """
    name, *lengths = self.names() if self.sequences > 1 else (self.key,)
    stored = features.get(name)
    # A list that is absent is an empty one, as in TFDS: Examples cannot tell
    # the two apart.
    if stored is None and None not in self.shape:
      if self.optional:
        return None
      raise BadRecordError('missing_field', f"no '{name}'")
    flat = self._convert([] if stored is None else stored)
    if not lengths:
      # Most leaves are one value: no need to reshape them.
      one = not self.shape and len(flat) == 1
      return flat[0] if one else self._reshape(flat, self.shape)
    inner = self.shape[self.sequences :]
    items = self._reshape(flat, (None, *inner))
    # From the innermost level of lists to the outermost.
    for name in reversed(lengths):
      items = self._split(items, features.get(name, []))
    return items

  def _convert(self, stored: Any) -> list[Any]:
    """Converts a feature's stored values, a list of bytes or an array."""
    code = 'O' if isinstance(stored, list) else stored.dtype.kind
    # An empty feature of an Example need not have a type.
    if code != KINDS[self.kind] and len(stored):
      raise BadRecordError('wrong_type', f"'{self.key}' is not {self.kind}")
    if self.kind == 'text':
      try:
        return [value.decode() for value in stored]
      except UnicodeDecodeError as e:
        raise BadRecordError('invalid_utf8', f"'{self.key}': {e}") from e
    if self.kind == 'bool':
      return [bool(value) for value in stored]
    if self.kind == 'float':
      # The shortest that is the same float32: 3.8, and not 3.799999952316284.
      return [float(str(value)) for value in stored]
    return [int(value) for value in stored]

  def _reshape(self, flat: list[Any], shape: tuple[int | None, ...]) -> Any:
    """Nests values in lists; at most one length of the shape may vary."""
    known = math.prod(n for n in shape if n is not None)
    # The length that varies is what the number of values leaves for it.
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

  def _split(self, items: list[Any], lengths: Feature) -> list[Any]:
    """Cuts items into lists of these lengths."""
    counts = lengths if isinstance(lengths, list) else lengths.tolist()
    whole = all(isinstance(n, int) and n >= 0 for n in counts)
    if not whole or sum(counts) != len(items):
      detail = f"'{self.key}' has {len(items)} rows, in groups of {counts}"
      raise BadRecordError('wrong_shape', detail)
    ends = itertools.accumulate(counts, initial=0)
    return [items[a:b] for a, b in itertools.pairwise(ends)]


# A leaf, or names to trees.
Tree = Leaf | Mapping[str, Any]


def leaves(tree: Tree) -> Iterator[Leaf]:
  """Yields the leaves of a tree."""
  if isinstance(tree, Leaf):
    yield tree
    return
  for part in tree.values():
    yield from leaves(part)


def read_tree(tree: Tree, features: Mapping[str, Feature]) -> Any:
  """Reads from an example the values of a tree, as a dict of its shape."""
  if isinstance(tree, Leaf):
    return tree.read(features)
  return {name: read_tree(part, features) for name, part in tree.items()}
