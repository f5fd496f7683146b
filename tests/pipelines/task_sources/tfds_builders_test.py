"""Every TFDS builder that the catalog names, beside TFDS itself.

Directories are written by TFDS's own writer, with the builder's own features
and made-up examples; so nothing is downloaded.
"""

from collections.abc import Iterator, Mapping
import dataclasses
import functools
from pathlib import Path
import random
from typing import Any
from unittest import mock

from etils import epath
import numpy as np
import pytest
from support.task_sources.task_rows import rows_of, splits_of
import tensorflow_datasets as tfds

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.tfds.features import (
  mapped_columns,
  parse_features,
)
from ul2_flan.pipelines.task_sources.tfds.values import leaves
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.rendering.instances.prepare import prepare

EXAMPLES = 16


def _sources() -> dict[str, list[tuple[Task, Source]]]:
  found: dict[str, list[tuple[Task, Source]]] = {}
  for task in catalog.tasks():
    for source in task.sources:
      if source.kind == 'tfds':
        found.setdefault(source.locator, []).append((task, source))
  return found


SOURCES = _sources()
each_builder = pytest.mark.parametrize('locator', sorted(SOURCES))

# TFDS names the splits of these only where it has their files.
NEEDS_FILES = (
  'cnn_dailymail:3.4.0',
  'wmt16_translate/cs-en:1.0.0',
  'wmt16_translate/ru-en:1.0.0',
)

# What chance does not make: answers that are among the options.
MADE: Mapping[str, dict[str, Any]] = {
  'super_glue/record:1.0.2': {
    'passage': 'Ann met Bo.\n@highlight\nThey left.',
    'query': 'Then @placeholder sang.',
    'entities': ['Ann', 'Bo', 'Bo'],
    'answers': ['Bo'],
    'idx': {'passage': 1, 'query': 2},
  },
  'super_glue/wsc.fixed:1.0.2': {
    'text': 'Ann met Bo when she left.',
    'span1_index': 0,
    'span2_index': 4,
    'span1_text': 'Ann',
    'span2_text': 'she',
    'idx': 1,
    'label': 1,
  },
  'unified_qa/ai2_science_middle:1.0.0': {
    'input': 'What is hot? \\n (A) ice (B) fire (C) rain (D) snow',
    'output': 'fire',
  },
}


@functools.cache
def builder_of(locator: str) -> Any:
  return tfds.builder(
    locator.partition(':')[0], data_dir='/nonexistent', try_gcs=False
  )


def example(feature: Any, draw: random.Random) -> Any:
  """Any value of a feature, with texts that are empty, or of other scripts."""
  features = tfds.features
  if isinstance(feature, features.Sequence):
    count = draw.randint(0, 4) if feature._length is None else feature._length
    return [example(feature.feature, draw) for _ in range(count)]
  if isinstance(feature, features.FeaturesDict):
    return {name: example(part, draw) for name, part in feature.items()}
  if isinstance(feature, features.ClassLabel):
    return draw.choice([-1, *range(feature.num_classes)])
  kind = feature.np_dtype
  if kind == np.bool_:
    return draw.random() < 0.5
  if np.issubdtype(kind, np.integer):
    return draw.choice([-1, 0, 1, 4, 300])
  if np.issubdtype(kind, np.floating):
    return draw.choice([-1.5, 0.0, 3.8, 4.25])
  words = [
    'the',
    'cat',
    'Øre',
    'sat',
    '{mat}',
    '日本',
    'x\ny',
    '"q"',
    '?',
    ' a ',
  ]
  return ' '.join(draw.choices(words, k=draw.choice([0, 1, 3, 3, 8, 30])))


def write(
  builder: Any, root: Path, splits: Mapping[str, list[Any]], **options: Any
) -> Any:
  """Prepares a directory by TFDS's own writer; returns its builder."""
  builder = tfds.builder(
    builder.name,
    config=builder.builder_config and builder.builder_config.name,
    data_dir=root,
    try_gcs=False,
  )
  downloads = mock.MagicMock(downloaded_size=0)
  generators = {name: list(enumerate(rows)) for name, rows in splits.items()}
  patched = functools.partial(mock.patch.object, builder)
  with (
    patched('_split_generators', return_value=generators),
    patched('_make_download_manager', return_value=downloads),
  ):
    builder.download_and_prepare(
      download_config=tfds.download.DownloadConfig(
        try_download_gcs=False, **options
      )
    )
  return builder


def plain(value: Any) -> Any:
  """What TFDS gives, as Python's own values."""
  if isinstance(value, dict):
    return {name: plain(part) for name, part in value.items()}
  if isinstance(value, np.ndarray | list):
    return [plain(part) for part in value]
  if isinstance(value, bytes):
    return value.decode()
  if isinstance(value, np.floating):
    return float(str(value))
  return value.item() if isinstance(value, np.generic) else value


def as_tfds_reads(builder: Any, split: str) -> list[Any]:
  data = builder.as_dataset(
    split=split,
    read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
  )
  return [plain(row) for row in tfds.as_numpy(data)]


@pytest.fixture(scope='module', autouse=True)
def _no_progress_bars_and_no_bucket() -> Iterator[None]:
  tfds.disable_progress_bar()
  # For each builder TFDS makes a temporary folder, in which to copy what its
  # bucket knows of it, and leaves it behind.
  with mock.patch.object(tfds.core.DatasetInfo, 'initialize_from_bucket'):
    yield
  tfds.enable_progress_bar()


@each_builder
def test_features_are_tfdss(locator: str, tmp_path: Path):
  builder = builder_of(locator)
  builder.info.features.save_config(str(tmp_path))
  path = tmp_path / 'features.json'
  columns = parse_features(path.read_bytes(), str(path))

  info = builder.info.features.get_serialized_info()
  flat = tfds.core.utils.flatten_nest_dict(info)
  types = {'text': 'O', 'int': 'iu', 'bool': 'b', 'float': 'f'}
  found = {leaf.key: leaf for leaf in leaves(columns)}
  assert set(found) == set(flat)
  for key, leaf in found.items():
    assert leaf.shape == flat[key].shape
    assert leaf.sequences == flat[key].sequence_rank
    assert np.dtype(flat[key].np_dtype).kind in types[leaf.kind]

  for _, source in SOURCES[locator]:
    mapped_columns(source, columns, str(path))
    answer = dict(builder.info.features).get(str(source.fields.get('answer')))
    if isinstance(answer, tfds.features.ClassLabel) and source.classes:
      assert tuple(answer.names) == source.classes
    version = locator.partition(':')[2]
    assert builder.version >= version


@each_builder
def test_splits_are_tfdss(locator: str):
  if locator in NEEDS_FILES:
    pytest.skip('TFDS names its splits only where it has its files')
  downloads = mock.MagicMock(manual_dir=epath.Path('/nonexistent'))

  def fetch(what: Any, *_: Any, **__: Any) -> Any:
    if isinstance(what, dict):
      return {name: fetch(part) for name, part in what.items()}
    if isinstance(what, list | tuple):
      return [fetch(part) for part in what]
    return epath.Path('/nonexistent')

  for method in ('download', 'extract', 'download_and_extract'):
    getattr(downloads, method).side_effect = fetch
  splits = builder_of(locator)._split_generators(downloads)
  names = set(
    splits if isinstance(splits, dict) else [str(s.name) for s in splits]
  )
  for _, source in SOURCES[locator]:
    assert {s.partition('[')[0] for s in source.splits.values()} <= names


@each_builder
def test_values_are_tfdss(locator: str, tmp_path: Path):
  builder = builder_of(locator)
  draw = random.Random(locator)
  rows = [example(builder.info.features, draw) for _ in range(EXAMPLES)]
  rows += [MADE[locator]] if locator in MADE else []
  written = write(builder, tmp_path, {'train': rows})
  expected = as_tfds_reads(written, 'train')
  assert len(expected) == len(rows)

  for task, source in SOURCES[locator]:
    source = dataclasses.replace(source, splits={'train': 'train'})
    task = dataclasses.replace(task, sources=(source,))
    read = rows_of(task, tmp_path, options=ReadOptions(block_rows=7))
    found, keys = read.rows, np.array(read.keys, np.uint64)
    assert not read.rejects
    assert found == [{c: row[c] for c in found[0]} for row in expected]

    prepared = prepare(found, keys, task=task, source=source, seed=0)
    assert len(prepared.instances)
    assert 'malformed' not in prepared.rejects
    rejected = {i for indices in prepared.rejects.values() for i in indices}
    assert rejected | set(prepared.row) == set(range(len(found)))


def test_slices_are_tfdss(tmp_path: Path):
  task = catalog.load('flan2021:cola')
  builder = builder_of(task.sources[0].locator)
  rows = [{'sentence': f'S {i}.', 'label': i % 2, 'idx': i} for i in range(523)]
  splits = {'train': rows, 'validation': rows[:9]}
  written = write(builder, tmp_path, splits, num_shards=3)
  assert written.info.splits['train'].num_shards == 3
  found = splits_of(task, tmp_path)
  for ours, theirs in task.sources[0].splits.items():
    read = [row['sentence'] for row in found[ours].rows]
    expected = as_tfds_reads(written, theirs)
    assert read == [row['sentence'] for row in expected]
    assert len(read) == {'train': 323, 'validation': 200, 'test': 9}[ours]


def test_tfds_counts_the_endings_of_story_cloze_from_one(tmp_path: Path):
  task = catalog.load('flan2021:story_cloze')
  builder = builder_of(task.sources[0].locator)
  sentences = ','.join(f'InputSentence{i}' for i in range(1, 5))
  (tmp_path / 'stories.csv').write_text(
    f'InputStoryid,{sentences},RandomFifthSentenceQuiz1,'
    'RandomFifthSentenceQuiz2,AnswerRightEnding\n'
    '1,a,b,c,d,right,wrong,1\n'
    '2,e,f,g,h,wrong,right,2\n'
  )
  stories = builder._generate_examples(str(tmp_path / 'stories.csv'))
  rows = [row for _, row in stories]
  write(builder, tmp_path, {'validation': rows, 'test': rows})
  found = rows_of(task, tmp_path)
  prepared = prepare(
    found.rows,
    np.array(found.keys, np.uint64),
    task=task,
    source=task.sources[0],
    seed=0,
  )
  assert list(prepared.instances.columns['answer']) == ['right', 'right']
