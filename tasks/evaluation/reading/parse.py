"""From the bytes of a suite's file to rows."""

import ast
from collections.abc import Iterator, Mapping
import csv
import gzip
import io
import json
from typing import Any
import zlib

from ul2_flan.tasks.errors import UserError

_GZIP = b'\x1f\x8b'
_PARQUET = b'PAR1'

# Twice the largest, TyDi QA's training split.
MOST_BYTES = 128 << 20

_MMLU = ('question', 'A', 'B', 'C', 'D', 'answer')


def text_of(data: bytes, where: str) -> str:
  """Returns a file's text, compressed by gzip or not.

  Raises:
    UserError: it is damaged, too large, or not UTF-8.
  """
  try:
    if data.startswith(_GZIP):
      with gzip.open(io.BytesIO(data)) as file:
        data = file.read(MOST_BYTES + 1)
    refuse_large(len(data), where)
    return data.decode()
  except (OSError, EOFError, UnicodeDecodeError, zlib.error) as e:
    raise UserError(f'{where} cannot be read: {e}') from e


def refuse_large(size: int, where: str) -> None:
  """Refuses a file that is larger than any of a suite, before it is read.

  Raises:
    UserError: it has so many bytes.
  """
  if size > MOST_BYTES:
    raise UserError(
      f'{where} has over {MOST_BYTES >> 20} MiB, and no file of a suite has: '
      'move it away, or give another folder'
    )


def rows_of(data: bytes, where: str) -> Iterator[Mapping[str, Any]]:
  """Yields the rows of a file; the ending of its name says what it is.

  Args:
    data: the file's bytes.
    where: its path.

  Raises:
    UserError: it cannot be read.
  """
  name = where.removesuffix('.gz')
  is_columns = data.startswith(_PARQUET) or name.endswith('.arrow')
  text = '' if is_columns else text_of(data, where)
  try:
    if is_columns:
      yield from _columns(data)
    elif name.endswith('.csv'):
      yield from _csv(text, where)
    elif name.endswith('.tsv'):
      yield from _tsv(text)
    elif name.endswith('.jsonl'):
      yield from (json.loads(line) for line in text.split('\n') if line)
    else:
      yield from _json(json.loads(text))
  except (
    AttributeError,
    LookupError,
    OSError,  # of Parquet
    RecursionError,
    TypeError,
    ValueError,
    csv.Error,
  ) as e:
    raise UserError(f'{where} cannot be read: {e!r}') from e


def big_bench(data: bytes, where: str) -> dict[str, Any]:
  """Reads a task of BIG-bench: its settings, and distinct 'examples'.

  Raises:
    UserError: it is none.
  """
  try:
    task = json.loads(text_of(data, where))
    # As BIG-bench leaves them out, by their text.
    distinct = {json.dumps(example): example for example in task['examples']}
    return {**task, 'examples': [*distinct.values()]}
  except (LookupError, RecursionError, TypeError, ValueError) as e:
    raise UserError(f'{where} is no task of BIG-bench: {e!r}') from e


def mgsm_exemplars(text: str, where: str) -> dict[str, list[tuple[str, str]]]:
  """Reads MGSM's `exemplars.py`, and runs nothing of it.

  Returns:
    by language, the questions and the chains of thought, with their cues.

  Raises:
    UserError: it has no `MGSM_EXEMPLARS`.
  """
  try:
    values = {
      target.id: node.value
      for node in ast.parse(text).body
      if isinstance(node, ast.Assign)
      for target in node.targets
      if isinstance(target, ast.Name)
    }
    table = ast.literal_eval(values['MGSM_EXEMPLARS'])
    return {
      language: [
        (exemplars[key]['q'], exemplars[key]['a'])
        for key in sorted(exemplars, key=int)
      ]
      for language, exemplars in table.items()
    }
  except (
    AttributeError,
    LookupError,
    MemoryError,  # Python's parser, of a hundred brackets
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
  ) as e:
    raise UserError(f"{where} is not MGSM's exemplars.py: {e!r}") from e


def _columns(data: bytes) -> Iterator[Mapping[str, Any]]:
  """Reads Parquet, or Arrow as `save_to_disk` writes it."""
  # Only exports need it.
  import pyarrow as pa
  import pyarrow.parquet as pq

  batches = (
    pq.ParquetFile(io.BytesIO(data)).iter_batches()
    if data.startswith(_PARQUET)
    else pa.ipc.open_stream(data)
  )
  for batch in batches:
    yield from batch.to_pylist()


def _tsv(text: str) -> Iterator[Mapping[str, Any]]:
  """Reads MGSM's tables: no quotes, and a header in copies alone."""
  lines = [line.split('\t') for line in text.split('\n') if line]
  names = lines[0] if lines else []
  has_header = {'question', 'answer'} <= {*names}
  for line in lines[has_header:]:
    header = names if has_header else ('question', 'answer')
    yield dict(zip(header, line, strict=True))


def _csv(text: str, where: str) -> Iterator[Mapping[str, Any]]:
  """Reads MMLU's tables: its authors' have no header, others have one."""
  rows = csv.reader(io.StringIO(text, newline=''), strict=True)
  header: list[str] = []
  for number, row in enumerate(rows):
    if number == 0:
      has_header = row[-1].lower() in ('answer', 'target')
      header = row if has_header else [*_MMLU]
      if has_header:
        continue
    if len(row) != len(header):
      raise UserError(
        f'{where}: row {number} has {len(row)} columns, not {len(header)}'
      )
    yield dict(zip(header, row, strict=True))


def _json(value: Any) -> Iterator[Mapping[str, Any]]:
  """Yields BBH's examples, or the questions of a file in SQuAD's form."""
  if 'examples' in value:
    yield from value['examples']
    return
  for article in value['data']:
    for paragraph in article['paragraphs']:
      for question in paragraph['qas']:
        yield {'context': paragraph['context'], **question}
