"""Trees of features, written by TFDS's own writer and by older ones."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
import tensorflow_datasets as tfds

from ul2_flan.pipelines.task_sources.tfds.features import (
  mapped_columns,
  parse_features,
)
from ul2_flan.pipelines.task_sources.tfds.values import Leaf, leaves, read_tree
from ul2_flan.tasks.catalog import Source
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.records import decode_example

F = tfds.features

# A feature, and values for it.
Kind = tuple[Any, st.SearchStrategy[Any]]

NUMBERS: list[Kind] = [
  (F.Text(), st.text(max_size=6)),
  (F.Tensor(shape=(), dtype=np.object_), st.text(max_size=6)),
  (F.Scalar(np.int32), st.integers(-(2**31), 2**31 - 1)),
  (F.Scalar(np.int64), st.integers(-(2**63), 2**63 - 1)),
  (F.Scalar(np.bool_), st.booleans()),
  (F.Scalar(np.float32), st.integers(-99, 99).map(lambda n: n / 10)),
  (F.ClassLabel(names=['a', 'b', 'c']), st.integers(-1, 2)),
]


def tensor(shape: tuple[int, ...], free: int | None) -> Kind:
  declared = [None if i == free else n for i, n in enumerate(shape)]
  size = int(np.prod(shape))
  values = st.lists(st.integers(0, 99), min_size=size, max_size=size)
  return (
    F.Tensor(shape=tuple(declared), dtype=np.int64),
    values.map(lambda v: np.array(v, np.int64).reshape(shape)),
  )


def tables(kinds: list[Kind]) -> Kind:
  names = [f'column {i}' for i in range(len(kinds))]
  return (
    F.FeaturesDict(dict(zip(names, [f for f, _ in kinds], strict=True))),
    st.fixed_dictionaries(
      dict(zip(names, [values for _, values in kinds], strict=True))
    ),
  )


def sequences(kind: Kind, length: int | None) -> Kind:
  feature, values = kind
  least, most = (0, 3) if length is None else (length, length)
  return (
    F.Sequence(feature, length=length),
    st.lists(values, min_size=least, max_size=most),
  )


def nested(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
  return st.one_of(
    st.lists(kinds, min_size=1, max_size=3).map(tables),
    st.builds(sequences, kinds, st.sampled_from([None, None, 2])),
  )


def translations(names: list[str]) -> Kind:
  texts = st.text(max_size=5)
  return (
    F.Translation(languages=names),
    st.fixed_dictionaries(dict.fromkeys(names, texts)),
  )


KINDS = st.recursive(
  st.sampled_from([*NUMBERS, translations(['en', 'fi'])]), nested, max_leaves=5
)
COLUMNS = st.lists(
  KINDS
  | st.builds(
    tensor,
    st.tuples(st.integers(1, 2), st.integers(1, 3)),
    st.sampled_from([None, 0, 1]),
  ),
  min_size=1,
  max_size=4,
).map(tables)


def expected(feature: Any, value: Any) -> Any:
  """What a record has: of a sequence of dicts, a dict of lists."""
  if isinstance(feature, F.FeaturesDict):
    return {n: expected(part, value[n]) for n, part in feature.items()}
  if isinstance(feature, F.Sequence):
    rows = [expected(feature.feature, row) for row in value]
    return columns_of(feature.feature, rows)
  return value.tolist() if isinstance(value, np.ndarray) else value


def columns_of(feature: Any, rows: list[Any]) -> Any:
  if isinstance(feature, F.Sequence):
    inner = feature.feature
    while isinstance(inner, F.Sequence):
      inner = inner.feature
    feature = inner if isinstance(inner, F.FeaturesDict) else None
  if isinstance(feature, F.FeaturesDict):
    return {
      name: columns_of(part, [row[name] for row in rows])
      for name, part in feature.items()
    }
  return rows


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('features')


@settings(max_examples=150)
@given(COLUMNS.flatmap(lambda kind: st.tuples(st.just(kind[0]), kind[1])))
def test_what_tfds_writes_is_read(folder: Path, drawn: tuple[Any, Any]):
  feature, value = drawn
  feature.save_config(str(folder))
  columns = parse_features((folder / 'features.json').read_bytes(), 'f')
  record = feature.serialize_example(value)
  wanted = {name for leaf in leaves(columns) for name in leaf.names()}
  found = read_tree(columns, decode_example(record, wanted))
  assert found == expected(feature, value)


def test_languages_that_vary(tmp_path: Path):
  feature = F.FeaturesDict(
    {'text': F.TranslationVariableLanguages(languages=['en', 'fi'])}
  )
  feature.save_config(str(tmp_path))
  columns = parse_features((tmp_path / 'features.json').read_bytes(), 'f')
  record = feature.serialize_example({'text': {'en': ['a', 'b'], 'fi': 'c'}})
  assert read_tree(columns, decode_example(record)) == {
    'text': {'language': ['en', 'en', 'fi'], 'translation': ['a', 'b', 'c']}
  }


def test_older_directories_say_the_same():
  """The form of features.json before protos, which TFDS still reads."""
  name = 'tensorflow_datasets.core.features'
  text = {'type': f'{name}.text_feature.Text', 'content': {}}
  number = {'shape': [], 'dtype': 'int32', 'encoding': 'none'}
  older = {
    'type': f'{name}.features_dict.FeaturesDict',
    'content': {
      'q': text,
      'features': {
        'type': f'{name}.sequence_feature.Sequence',
        'content': {
          'feature': {
            'type': f'{name}.features_dict.FeaturesDict',
            'content': {
              't': text,
              'n': {'type': f'{name}.feature.Tensor', 'content': number},
            },
          },
          'length': None,
        },
      },
    },
  }
  assert parse_features(json.dumps(older).encode(), 'f') == {
    'q': Leaf('q', 'text'),
    'features': {
      't': Leaf('features/t', 'text', (None,), 1),
      'n': Leaf('features/n', 'int', (None,), 1),
    },
  }
  # It is what TFDS makes of it, too.
  info = F.FeatureConnector.from_json(older).get_serialized_info()
  assert info['features']['t'].shape == (None,)


@pytest.mark.parametrize(
  'feature',
  [
    F.Image(),
    F.Tensor(shape=(None, None), dtype=np.int32, encoding='zlib'),
    F.Scalar(np.uint64),
    F.Sequence(F.Tensor(shape=(None,), dtype=np.int32)),
  ],
  ids=['image', 'compressed', 'unsigned', 'two free lengths'],
)
def test_a_feature_that_cannot_be_read_is_an_error_only_if_it_is_mapped(
  feature: Any, tmp_path: Path
):
  F.FeaturesDict({'x': feature, 'y': F.Text()}).save_config(str(tmp_path))
  columns = parse_features((tmp_path / 'features.json').read_bytes(), 'f')
  wants_y = Source(kind='tfds', locator='a:1.0.0', fields={'t': 'y'})
  assert mapped_columns(wants_y, columns, 'f') == {'y': Leaf('y', 'text')}
  wants_x = Source(kind='tfds', locator='a:1.0.0', fields={'t': 'x'})
  with pytest.raises(UserError, match=r"f: 'x' is a .*, which is not read"):
    mapped_columns(wants_x, columns, 'f')


@pytest.mark.parametrize(
  'data',
  [b'', b'[]', b'{}', b'{"pythonClassName": "a.Sequence"}', b'\xff', b'7'],
)
def test_other_files_are_errors_that_name_them(data: bytes):
  with pytest.raises(UserError, match=r'^some/features\.json does not'):
    parse_features(data, 'some/features.json')
