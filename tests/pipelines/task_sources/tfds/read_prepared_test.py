"""Prepared directories: versions, slices, damage. TFDS is in another file."""

from collections.abc import Mapping, Sequence
import json
from pathlib import Path
import tempfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import json_lines
from support.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import encode_examples, frame_records

FIELDS = {'premise': 'sentence', 'answer': 'label'}
CLASSES = ('no', 'yes')


def task(**source: Any) -> Any:
  own = {'locator': 'some/set:1.1.0', 'fields': FIELDS, **source}
  return task_with('flan2021:rte', kind='tfds', **own)


TASK = task()


def features(columns: Mapping[str, str]) -> str:
  """`features.json` of columns of 'text' and 'classLabel'."""
  names = {'text': 'Text', 'classLabel': 'ClassLabel', 'image': 'Image'}
  return json.dumps(
    {
      'pythonClassName': 'tfds.FeaturesDict',
      'featuresDict': {
        'features': {
          name: {'pythonClassName': f'tfds.{names[kind]}', kind: {}}
          for name, kind in columns.items()
        }
      },
    }
  )


COLUMNS = {'id': 'text', 'label': 'classLabel', 'sentence': 'text'}


def rows(count: int) -> list[dict[str, Any]]:
  return [
    {'sentence': f'Nr. {i}', 'label': i % 2, 'id': f'{i}.'}
    for i in range(count)
  ]


def encode(some: Sequence[Mapping[str, Any]]) -> list[bytes]:
  return encode_examples(
    {
      'sentence': [row['sentence'].encode() for row in some],
      'label': Ragged.of([[row['label']] for row in some]),
      'id': [row['id'].encode() for row in some],
    }
  )


def prepare(
  root: Path | str,
  shards: Mapping[str, Sequence[int]],
  *,
  version: str = '1.1.0',
  columns: Mapping[str, str] = COLUMNS,
  classes: Sequence[str] = CLASSES,
  **info: Any,
) -> Path:
  """A directory of `rows`, with so many of them in each shard of a split."""
  folder = Path(root) / 'some' / 'set' / version
  folder.mkdir(parents=True)
  (folder / 'features.json').write_text(features(columns))
  (folder / 'label.labels.txt').write_text('\n'.join(classes) + '\n')
  splits = [
    {'name': name, 'shardLengths': [str(n) for n in lengths]}
    for name, lengths in shards.items()
  ]
  (folder / 'dataset_info.json').write_text(
    json.dumps({'name': 'some', 'splits': splits, **info})
  )
  for name, lengths in shards.items():
    left = encode(rows(sum(lengths)))
    for i, n in enumerate(lengths):
      file = f'some-{name}.tfrecord-{i:05}-of-{len(lengths):05}'
      (folder / file).write_bytes(frame_records(left[:n]))
      left = left[n:]
  return folder


def numbers(found: Any) -> list[int]:
  return [int(record['sentence'].split()[1]) for record in found.rows]


BOUND = st.none() | st.integers(-15, 15)


@given(
  st.lists(st.integers(0, 5), max_size=4),
  BOUND,
  BOUND,
  st.integers(1, 4),
)
def test_slices_are_pythons(
  lengths: list[int], first: int | None, stop: int | None, block_rows: int
):
  bounds = ['' if b is None else str(b) for b in (first, stop)]
  sliced = task(splits={'validation': f'train[{":".join(bounds)}]'})
  with tempfile.TemporaryDirectory() as root:
    prepare(root, {'train': lengths})
    options = ReadOptions(block_rows=block_rows)
    found = splits_of(sliced, root, options=options)
  expected = list(range(sum(lengths)))[first:stop]
  if expected:
    assert numbers(found['validation']) == expected
    assert not found['validation'].rejects
  else:
    assert found == {}


def test_a_record_is_what_the_catalog_maps_and_its_key_is_of_that(
  tmp_path: Path,
):
  prepare(tmp_path / 'tfds', {'train': [3]})
  found = rows_of(TASK, tmp_path)
  assert found.rows == [
    {'sentence': f'Nr. {i}', 'label': i % 2} for i in range(3)
  ]
  assert found.places == [0, 1, 2]

  export = tmp_path / 'export/org/set/train.jsonl'
  export.parent.mkdir(parents=True)
  export.write_bytes(json_lines(rows(3)))
  other = task_with(kind='export', locator='org/set', fields=FIELDS)
  assert rows_of(other, tmp_path / 'export').keys == found.keys


def test_the_newest_version_that_fits_is_read(tmp_path: Path):
  prepare(tmp_path, {'train': [1]}, version='1.0.9')
  with pytest.raises(UserError, match=r'1\.1\.0 is the oldest version'):
    rows_of(TASK, tmp_path)
  prepare(tmp_path, {'train': [2]}, version='1.1.0')
  assert len(rows_of(TASK, tmp_path).rows) == 2
  prepare(tmp_path, {'train': [3]}, version='1.9.0')
  prepare(tmp_path, {'train': [4]}, version='1.10.0')
  assert len(rows_of(TASK, tmp_path).rows) == 4
  prepare(tmp_path, {'train': [5]}, version='2.0.0', columns={'text': 'text'})
  assert len(rows_of(TASK, tmp_path).rows) == 4
  prepare(tmp_path, {'train': [6]}, version='2.0.0.incomplete')
  assert len(rows_of(TASK, tmp_path).rows) == 4


@pytest.mark.parametrize(
  ('locator', 'found'),
  [
    ('some/set', True),
    # Configurations of another data set that have the name of one.
    ('set', False),
    ('set/1.1.0', False),
    ('some', False),
    ('awesome/set', False),
  ],
)
def test_a_data_set_is_found_by_its_whole_name(
  locator: str, found: bool, tmp_path: Path
):
  prepare(tmp_path, {'train': [1]})
  for root in (tmp_path, tmp_path / 'some' / 'set'):
    splits = splits_of(task(locator=f'{locator}:1.1.0'), root)
    assert bool(splits) == found


def test_shards_are_named_as_the_directory_says(tmp_path: Path):
  folder = prepare(tmp_path, {'train': [2, 2]})
  template = '{SPLIT}.{SHARD_INDEX}.of.{NUM_SHARDS}.{FILEFORMAT}'
  info = json.loads((folder / 'dataset_info.json').read_text())
  info['splits'][0]['filepathTemplate'] = template
  (folder / 'dataset_info.json').write_text(json.dumps(info))
  for i in range(2):
    old = folder / f'some-train.tfrecord-0000{i}-of-00002'
    old.rename(folder / f'train.0000{i}.of.00002.tfrecord')
  assert numbers(rows_of(TASK, tmp_path)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ({'fileFormat': 'array_record'}, r'holds array_record, .*--file_format'),
    ({'columns': {'label': 'classLabel'}}, r"unknown column 'sentence'"),
    (
      {'columns': {'label': 'classLabel', 'sentence': 'image'}},
      r"'sentence' is a Image, which is not read",
    ),
    ({'shards': {'test': [1]}}, r"unknown split 'train'.*Known: test"),
    ({'splits': [{'shardLengths': ['1']}]}, r'dataset_info\.json does not'),
    (
      {'splits': [{'name': 'train', 'shardLengths': ['x']}]},
      r'dataset_info\.json does not',
    ),
    (
      {'splits': [{'name': 'train', 'shardLengths': ['1'] * 3}]},
      r'3 of 3 shards are missing, the first is .*-00000-of-00003',
    ),
    (
      {'classes': ['yes', 'no']},
      r'label\.labels\.txt has the classes yes, no; the catalog has no, yes',
    ),
  ],
)
def test_what_cannot_be_read_is_told(
  given: dict[str, Any], message: str, tmp_path: Path
):
  prepare(tmp_path, **{'shards': {'train': [1]}, **given})
  with pytest.raises(UserError, match=f'^flan2021:rte: .*{message}'):
    rows_of(task(classes=CLASSES), tmp_path)


def test_a_directory_without_features_is_told(tmp_path: Path):
  (prepare(tmp_path, {'train': [1]}) / 'features.json').unlink()
  with pytest.raises(UserError, match=r'features\.json is missing\. Prepare'):
    rows_of(TASK, tmp_path)


@pytest.fixture(scope='module')
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return prepare(tmp_path_factory.mktemp('damaged'), {'train': [6]})


def shard_of(folder: Path) -> Path:
  return folder / 'some-train.tfrecord-00000-of-00001'


WHOLE = frame_records(encode(rows(6)))
ENDS = [len(frame_records(encode(rows(n)))) for n in range(7)]


@given(st.integers(0, len(WHOLE) - 1), st.booleans())
def test_what_comes_before_damage_is_read(prepared: Path, at: int, cut: bool):
  damaged = bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]
  shard_of(prepared).write_bytes(WHOLE[:at] + (b'' if cut else damaged))
  found = rows_of(TASK, prepared.parents[2])
  intact = sum(end <= at for end in ENDS[1:])
  assert numbers(found) == list(range(intact))
  assert found.reasons == [(intact, 'damaged_file')]


def test_a_bad_record_stops_nothing(prepared: Path):
  good = encode(rows(6))
  bad = [
    b'no example',
    encode_examples({'sentence': [b'x']})[0],
    encode_examples({'sentence': [b'\xff'], 'label': Ragged.of([[1]])})[0],
    encode_examples({'sentence': [b'x'], 'label': [b'1']})[0],
    encode_examples({'sentence': [b'x'], 'label': Ragged.of([[1, 2]])})[0],
  ]
  shard_of(prepared).write_bytes(frame_records([*bad, good[5]]))
  found = rows_of(TASK, prepared.parents[2])
  assert numbers(found) == [5]
  assert found.places == [5]
  assert found.reasons == [
    (0, 'not_an_example'),
    (1, 'missing_field'),
    (2, 'invalid_utf8'),
    (3, 'wrong_type'),
    (4, 'wrong_shape'),
  ]
  assert found.rejects[0].record == b'no example'
