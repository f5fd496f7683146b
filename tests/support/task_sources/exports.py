"""Writes exports as on Hugging Face's hub: Parquet, or JSON lines."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.corpora import json_lines, write
from support.task_sources.task_rows import task_with

TASK = task_with(kind='export', locator='org/name/config')

SCHEMA = pa.schema(
  [
    ('text', pa.string()),
    ('label', pa.int64()),
    ('score', pa.float32()),
    ('answers', pa.struct([('text', pa.list_(pa.string()))])),
    ('found', pa.bool_()),
  ]
)


def export(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
  """Writes rows as the name says."""
  path = root / 'org/name/config' / name
  if name.endswith('.parquet'):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, SCHEMA)
    pq.write_table(table, path, row_group_size=3)
  else:
    write(path, json_lines(rows))


def numbered(count: int) -> list[dict[str, Any]]:
  row = {'score': 1.5, 'answers': {'text': []}, 'found': True, 'label': 0}
  return [{**row, 'text': f'row {i}'} for i in range(count)]
