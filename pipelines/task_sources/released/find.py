"""Finds the files of frozen dumps, and reads a sample of them."""

from collections import Counter
from collections.abc import Collection, Iterator
import dataclasses
import re

from ul2_flan.pipelines.sources import Piece, SourceOptions, members, pointers
from ul2_flan.pipelines.storage import each, files
from ul2_flan.pipelines.task_sources.finders.exports import divide, whole
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index
from ul2_flan.pipelines.task_sources.released.read_rows import CHUNK, Rows, read
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog.released import WHOLE

# Files that the sample looks into, and the bytes that it reads of each.
_FILES = 256
_SAMPLE = SourceOptions(block_bytes=1 << 20)
_KEPT = 512  # texts that it keeps

# So many inputs without a line break say that the dump has lost these.
_ENOUGH = 50

# Files of other splits than training, by their names or their folder's.
_HELD_OUT = re.compile(
  r'(?:.*/)?(?:(?:validation|test)/[^/]+'
  r'|(?:[^/]*_)?(?:validation|test)(?:-\d+-of-\d+)?\.[^/]+)'
)

# The name of a chunk: what it is a chunk of, and its number.
_CHUNK_NAME = re.compile(
  r'(?P<stem>.+?)[._-](?:part[._-]?)?(?:[a-z]{2}|\d{1,5})(?:\.(?:gz|bz2|zst))?'
)


@dataclasses.dataclass(slots=True)
class Dump:
  """The files of frozen dumps, and what a sample says of their rows.

  Attributes:
    pieces: what is to be read: pieces, each with the chunks that follow it.
    rows: about how many rows each data set, `<suite>:<task>:<setting>`, has.
    text_bytes: the characters of a row, on average.
    texts: some rows, as inputs and targets.
    broken_lines: whether its inputs have lost their line breaks.
    unknown: the most common reasons why rows of the sample cannot be used.
    one_task_files: whether each file has rows of one task alone, after which
      it is called, and the sample saw all.
    held_out: how many files of validation and test splits are passed over.
  """

  pieces: list[tuple[Piece, ...]] = dataclasses.field(default_factory=list)
  rows: Counter[str] = dataclasses.field(default_factory=Counter)
  text_bytes: float = 0.0
  texts: list[tuple[str, str]] = dataclasses.field(default_factory=list)
  broken_lines: bool = False
  unknown: Counter[str] = dataclasses.field(default_factory=Counter)
  one_task_files: bool = True
  held_out: int = 0

  @property
  def size(self) -> int:
    """The bytes of all files."""
    return sum(map(_size, self.pieces))


def find(index: Index, options: ReadOptions, remote: str = '') -> Dump:
  """Finds all files of dumps, and reads the first rows of some.

  Args:
    index: of the folders that hold them.
    options: `piece_bytes` says how large files are cut.
    remote: one of the folders.
  """
  dump = Dump()
  units: list[tuple[Piece, ...]] = []
  for unit in _units(index, remote):
    if _is_held_out(unit[0].path):
      dump.held_out += 1
    else:
      units += _cut(unit, options)
  step = max(1, -(-len(units) // _FILES))
  dump.one_task_files = step == 1
  some = units[::step]
  scale = sum(map(_size, units)) / max(sum(map(_size, some)), 1)
  room = -(-_KEPT // max(len(some), 1))
  seen, line_breaks, others = 0, False, set()
  samples = each(lambda u: next(read(u, _SAMPLE)), some, remote)
  for unit, rows in zip(some, samples, strict=True):
    # A file of which no row is one of a dump is another file.
    if not (rows.data_sets or _is_damaged(rows)):
      dump.unknown.update(reject.detail for reject in rows.rejects[:1])
      others.add(unit)
      continue
    _add(dump, unit, rows, scale)
    pairs = list(zip(rows.inputs, rows.targets, strict=True))
    dump.texts += pairs[:: max(1, len(pairs) // room)][:room]
    seen += len(rows.inputs)
    line_breaks |= any('\n' in text for text in rows.inputs)
  dump.pieces = [unit for unit in units if unit not in others]
  characters = sum(len(a) + len(b) for a, b in dump.texts)
  dump.text_bytes = characters / max(len(dump.texts), 1)
  dump.broken_lines = seen >= _ENOUGH and not line_breaks
  return dump


def _add(dump: Dump, unit: tuple[Piece, ...], rows: Rows, scale: float) -> None:
  """Adds what the first rows of a file say of how many it has."""
  names = {data_set.rpartition(':')[0] for data_set in rows.data_sets}
  dump.one_task_files &= _are_of_name(names, rows.source)
  read_bytes = min(max(rows.source_bytes, 1), max(_size(unit), 1))
  more = scale * _size(unit) / read_bytes
  for data_set, count in Counter(rows.data_sets).items():
    dump.rows[data_set] += max(1, round(count * more))


def _size(unit: tuple[Piece, ...]) -> int:
  return sum(piece.size for piece in unit)


def _is_held_out(path: str) -> bool:
  return bool(_HELD_OUT.fullmatch(path.lower()))


def _are_of_name(tasks: Collection[str], path: str) -> bool:
  """Whether the rows of a file are of the task that its name says."""
  if len(tasks) != 1:
    return False
  (name,) = (task.partition(':')[2] for task in tasks)
  return name == WHOLE or name in path.rpartition('/')[2]


def _is_damaged(rows: Rows) -> bool:
  return any(reject.reason == 'damaged_file' for reject in rows.rejects)


def _cut(
  unit: tuple[Piece, ...], options: ReadOptions
) -> Iterator[tuple[Piece, ...]]:
  """Cuts a file into pieces, where it can be cut and is not in chunks."""
  if len(unit) > 1:
    yield unit
  else:
    yield from ((piece,) for piece in divide(unit[0], options))


def _units(index: Index, remote: str) -> Iterator[tuple[Piece, ...]]:
  """Yields files, each with the chunks of it that lie beside it."""
  for folder in index.all_folders():
    inside = sorted(index.inside(folder), key=lambda f: _natural(f.path))
    heads = each(lambda f: _head(f.path), inside, remote)
    unit: list[Piece] = []
    for file, head in zip(inside, heads, strict=True):
      kind = _kind(file, head)
      if not kind and unit and _stem(file.path) == _stem(unit[0].path):
        unit.append(Piece(file.path, CHUNK, 0, file.size, file.size))
        continue
      if unit:
        yield tuple(unit)
      unit = [whole(file, kind)] if kind else []
    if unit:
      yield tuple(unit)


def _kind(file: File, head: bytes) -> str:
  """Returns the kind of a file that begins here; '' if none does."""
  if head.startswith(b'PAR1'):
    return 'parquet'
  if pointers.of(head):
    return 'parquet' if file.name.endswith('.parquet') else 'jsonl'
  is_json = head.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'{')
  return 'jsonl' if is_json or members.compression_in(head) else ''


def _head(path: str) -> bytes:
  with files.open_read(path) as file:
    return file.read(pointers.MOST_BYTES + 1)[:64]


def _stem(path: str) -> str:
  """Returns what chunks of a file have in common.

  >>> _stem('d/train.jsonl.gz.ab'), _stem('d/fs_opt_ab.gz')
  ('d/train.jsonl.gz', 'd/fs_opt')
  """
  match = _CHUNK_NAME.fullmatch(path)
  return match['stem'] if match else path


def _natural(path: str) -> list[tuple[int, str]]:
  """Orders names with numbers by these: part.2 comes before part.10."""
  return [
    (int(part), '') if part.isdigit() else (-1, part)
    for part in re.split(r'(\d+)', path)
  ]
