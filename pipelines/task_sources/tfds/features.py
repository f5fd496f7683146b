"""Reads `features.json` of a TFDS-prepared directory, without TFDS.

It is a tree of TFDS's feature classes; here it becomes a tree of leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from ul2_flan.pipelines.task_sources.collector import columns_of
from ul2_flan.pipelines.task_sources.tfds.values import (
  KINDS,
  Leaf,
  Tree,
  leaves,
)
from ul2_flan.tasks.catalog import Source
from ul2_flan.tasks.errors import UserError, unknown

# TFDS's names of types, without their bits, to kinds of leaf.
_TYPES = {
  'string': 'text',
  'object': 'text',
  'bool': 'bool',
  'int': 'int',
  'uint': 'int',
  'float': 'float',
  'bfloat': 'float',
}


def parse_features(data: bytes, path: str) -> Mapping[str, Tree]:
  """The tree of a `features.json`.

  Args:
    data: what the file holds.
    path: of it, for messages.

  Returns:
    Column to its leaf, or to a dict of what is below it. A sequence of dicts is
    a dict of lists, as TFDS has it, and so is a data set inside a record.

  Raises:
    UserError: the file is not one of TFDS's.
  """
  try:
    tree = _tree(orjson.loads(data), '', (), 0)
  except (AttributeError, KeyError, TypeError, ValueError) as e:
    raise UserError(
      f'{path} does not describe the features of TFDS: {e}'
    ) from e
  if isinstance(tree, Leaf):
    raise UserError(f'{path}: its records have no columns but a {tree.kind}')
  return tree


def _tree(
  feature: dict[str, Any], key: str, shape: tuple[int | None, ...], depth: int
) -> Tree:
  """The tree of a feature that stands in `depth` sequences of this shape."""
  kind, content = _open(feature)
  if kind == 'FeaturesDict':
    inner = content.get('features', {})
    return {
      name: _tree(inner[name], f'{key}/{name}' if key else name, shape, depth)
      for name in inner
    }
  if kind in ('Sequence', 'Dataset'):
    length = _length(content.get('length'))
    return _tree(content['feature'], key, (*shape, length), depth + 1)
  if kind == 'Translation':
    return _texts(content['languages'], key, shape, depth)
  if kind == 'TranslationVariableLanguages':
    return _texts(('language', 'translation'), key, (*shape, None), depth + 1)
  if kind == 'Text':
    return Leaf(key, 'text', shape, depth)
  if kind == 'ClassLabel':
    return Leaf(key, 'int', shape, depth, label=True)
  if kind in ('Tensor', 'Scalar'):
    return _tensor(kind, content, key, shape, depth)
  return Leaf(key, kind)


def _texts(
  names: Sequence[str], key: str, shape: tuple[int | None, ...], depth: int
) -> Tree:
  """Texts below a feature."""
  return {
    name: Leaf(f'{key}/{name}' if key else name, 'text', shape, depth)
    for name in names
  }


def _tensor(
  kind: str,
  content: dict[str, Any],
  key: str,
  shape: tuple[int | None, ...],
  depth: int,
) -> Leaf:
  """The leaf of a tensor."""
  own = content.get('shape') or ()
  if isinstance(own, dict):
    own = own.get('dimensions', ())
  inner = tuple(map(_length, own))
  dtype = content['dtype']
  free = inner.count(None) + bool(depth)
  if content.get('encoding', 'none') != 'none' or (free > 1 and None in inner):
    return Leaf(key, f'{kind} of {content}')
  name = _TYPES.get(dtype.rstrip('0123456789'))
  # An unsigned integer of 64 bits is stored as a signed one.
  if name is None or dtype == 'uint64':
    return Leaf(key, f'{kind} of {dtype}')
  optional = bool(content.get('optional'))
  return Leaf(key, name, (*shape, *inner), depth, optional)


def _open(feature: dict[str, Any]) -> tuple[str, dict[str, Any]]:
  """A feature's class and what the file says of it.

  TFDS writes protos: the class, and one key with the rest. It still reads what
  it wrote before: 'type' and 'content', of which a dict's is the dict itself.
  """
  if 'type' in feature:
    kind = feature['type'].rsplit('.', 1)[-1]
    content = feature['content']
    if isinstance(content, str):
      content = orjson.loads(content)
    if kind == 'FeaturesDict' and 'proto_cls' not in feature:
      content = {'features': content}
    return kind, content
  kind = feature['pythonClassName'].rsplit('.', 1)[-1]
  # What is no table is for people: a description, a range of values.
  tables = [value for value in feature.values() if isinstance(value, dict)]
  return kind, tables[0] if tables else {}


def _length(value: Any) -> int | None:
  """A dimension; protos have it as a string, and -1 for one that varies."""
  return None if value is None or int(value) < 0 else int(value)


def mapped_columns(
  source: Source, columns: Mapping[str, Tree], path: str
) -> dict[str, Tree]:
  """The columns that a source's fields are made of.

  Args:
    columns: those that the directory has.
    path: of its features, for messages.

  Raises:
    UserError: it lacks one, or one is of a kind that is not read.
  """
  wanted: dict[str, Tree] = {}
  for name in columns_of(source) or columns:
    if name not in columns:
      raise UserError(f'{path}: {unknown("column", name, columns)}')
    wanted[name] = columns[name]
  for leaf in leaves(wanted):
    if leaf.kind not in KINDS:
      raise UserError(
        f"{path}: '{leaf.key}' is a {leaf.kind}, which is not read here"
      )
  return wanted
