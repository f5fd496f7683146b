"""Writes directories as TFDS prepares them, with shards of numbered rows."""

from collections.abc import Mapping, Sequence
import json
from pathlib import Path
from typing import Any

from support.task_sources.task_rows import task_with

from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import encode_examples, frame_records

FIELDS = {'premise': 'sentence', 'answer': 'label'}


CLASSES = ('no', 'yes')


def task(**source: Any) -> Any:
  given = {'locator': 'some/set:1.1.0', 'fields': FIELDS, **source}
  return task_with('flan2021:rte', kind='tfds', **given)


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
  return [int(row['sentence'].split()[1]) for row in found.rows]
