"""Reads `features.json` of a TFDS-prepared directory, without TFDS.

The file holds a tree of TFDS's feature classes; here it becomes a tree whose
leaves say how each value is stored (see `values`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.row_collector import columns_of
from ul2_flan.pipelines.task_sources.tfds.values import (
  KINDS,
  Leaf,
  Tree,
  leaves,
)
from ul2_flan.tasks.catalog import Source
from ul2_flan.tasks.errors import UserError, unknown

# TFDS's names of types, without their number of bits, to kinds of leaf.
_TYPES = {
  'string': 'text',
  'object': 'text',
  'bool': 'bool',
  'int': 'int',
  'uint': 'int',
  'float': 'float',
  'bfloat': 'float',
}


def columns_in(folder: str, source: Source) -> dict[str, Tree]:
  """Reads a directory's columns that a source's fields are made of.

  Raises:
    UserError: there is no `features.json`, or it lacks one of the columns.
  """
  path = files.join(folder, 'features.json')
  if not files.exists(path):
    raise UserError(
      f'{path} is missing. Prepare the data set again with a newer TFDS'
    )
  columns = parse_features(files.read_bytes(path), path)
  return mapped_columns(source, columns, path)


def parse_features(data: bytes, path: str) -> Mapping[str, Tree]:
  """Parses a `features.json`.

  Args:
    data: what the file holds.
    path: its path, for messages.

  Returns:
    each column with its leaf, or with a dict of what is below it. A sequence of
    dicts becomes a dict of lists, as in TFDS; so does a data set inside a row.

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
  """Makes the tree of a feature.

  Args:
    feature: its description.
    key: its path in the tree, `answers/text`, which names it in an Example.
    shape: lengths of the dimensions that it is in; None for one that varies.
    depth: how many of these dimensions are sequences.
  """
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
  # Images, audio and so on: an error only if the source maps them.
  return Leaf(key, kind)


def _texts(
  names: Sequence[str], key: str, shape: tuple[int | None, ...], depth: int
) -> Tree:
  """Makes a leaf of text for each name below a feature."""
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
  """Makes the leaf of a tensor; one that cannot be read has an odd kind."""
  dimensions = content.get('shape') or ()
  if isinstance(dimensions, dict):
    dimensions = dimensions.get('dimensions', ())
  inner = tuple(map(_length, dimensions))
  dtype = content['dtype']
  # An Example has a tensor's values in a row: their number tells one length
  # that varies, not two. All sequences together vary as one.
  free = inner.count(None) + bool(depth)
  if content.get('encoding', 'none') != 'none' or (free > 1 and None in inner):
    return Leaf(key, f'{kind} of {content}')
  name = _TYPES.get(dtype.rstrip('0123456789'))
  # An Example has signed integers only: uint64 would come back as another.
  if name is None or dtype == 'uint64':
    return Leaf(key, f'{kind} of {dtype}')
  optional = bool(content.get('optional'))
  return Leaf(key, name, (*shape, *inner), depth, optional)


def _open(feature: dict[str, Any]) -> tuple[str, dict[str, Any]]:
  """Returns a feature's class, and what the file says of it.

  TFDS writes protos: the class, and one key with the rest. It still reads its
  older form, 'type' and 'content', where a FeaturesDict's content is the dict
  of its features itself.
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
  # Other keys are for people, and no dicts: a description, a range of values.
  tables = [value for value in feature.values() if isinstance(value, dict)]
  return kind, tables[0] if tables else {}


def _length(value: Any) -> int | None:
  """Reads a dimension: protos write it as a string, and -1 if it varies."""
  return None if value is None or int(value) < 0 else int(value)


def mapped_columns(
  source: Source, columns: Mapping[str, Tree], path: str
) -> dict[str, Tree]:
  """Picks the columns that a source's fields are made of.

  Args:
    source: a source of the catalog.
    columns: the columns that the directory has.
    path: of its `features.json`, for messages.

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
