"""Frozen dumps in the layouts of the four public ones, with made-up texts."""

from collections.abc import Iterator, Sequence
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str]

# What google-research/FLAN calls four tasks, and what the catalog does.
TASKS = {
  'super_glue/rte:1.0.2': 'flan2021:rte',
  'cot_gsm8k': 'cot:gsm8k',
  'task001_quoref_question_generation': (
    'niv2:task001_quoref_question_generation'
  ),
  'wiki_dialog_ii': 'dialog:wiki_dialog_inverted',
}  # fmt: skip
SETTINGS = ('zs_opt', 'fs_opt')


def rows(each: int = 30) -> list[Row]:
  """Rows of all tasks in both settings, sorted by nothing."""
  return [
    {
      'inputs': f'Question {i} of {task} as {setting}:\nwhat is {i} + {i}?',
      'targets': f'It is {2 * i}.',
      'task_source': 'FLAN',
      'task_name': task,
      'template_type': setting,
    }
    for i in range(each)
    for task in TASKS
    for setting in SETTINGS
  ]


def write_submix(folder: Path, made: Sequence[Row], files: int = 2) -> Path:
  """Parquet with a column for the task and one for the setting."""
  (folder / 'data').mkdir(parents=True)
  for i in range(files):
    pq.write_table(
      pa.Table.from_pylist(made[i::files]),
      folder / f'data/train-{i:05d}-of-{files:05d}.parquet',
      row_group_size=50,
    )
  return folder


def _lines(made: Sequence[Row]) -> bytes:
  return b''.join(json.dumps(row).encode() + b'\n' for row in made)


def write_underscored(folder: Path, made: Sequence[Row]) -> Path:
  """JSON lines whose folder says the setting, and whose keys are marked."""
  for setting in SETTINGS:
    (folder / f'flan_{setting.replace("_", "")}_data').mkdir(parents=True)
    path = folder / f'flan_{setting.replace("_", "")}_data/part.0.json.gz'
    its = [
      {
        'inputs': row['inputs'], 'targets': row['targets'],
        '_template_idx': 3, '_task_name': row['task_name'],
      }
      for row in made if row['template_type'] == setting
    ]  # fmt: skip
    path.write_bytes(gzip.compress(_lines(its), mtime=0))  # type: ignore[arg-type]
  return folder


def write_chunks(folder: Path, made: Sequence[Row], chunks: int = 3) -> Path:
  """JSON lines that name no task, compressed and then cut into chunks."""
  folder.mkdir(parents=True)
  for setting in SETTINGS:
    its = [
      {
        'inputs': row['inputs'].replace('\n', ' '),
        'targets': row['targets'], 'task': 'flan',
      }
      for row in made if row['template_type'] == setting
    ]  # fmt: skip
    data = gzip.compress(_lines(its), mtime=0)
    step = -(-len(data) // chunks)
    for i in range(chunks):
      path = folder / f'flan_{setting}_train.jsonl.gz.{"abc"[i] * 2}'
      path.write_bytes(data[i * step : (i + 1) * step])
  return folder


def write_by_task(folder: Path, made: Sequence[Row]) -> Path:
  """A file for each task, which is called after it."""
  (folder / 'train').mkdir(parents=True)
  for task, its in _by_task(made):
    name = f'{task}_10templates'
    rows_ = [
      {'inputs': row['inputs'], 'targets': row['targets'], 'task': name}
      for row in its
    ]
    path = folder / f'train/{name}_train.jsonl'
    path.write_bytes(_lines(rows_))
    held_out = folder / f'validation/{name}_validation.jsonl'
    held_out.parent.mkdir(exist_ok=True)
    held_out.write_bytes(_lines(rows_))
  return folder


def _by_task(made: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
  for task in ('rte', 'bool_q'):
    yield task, [row for row in made if row['task_name'].endswith(':1.0.2')]
