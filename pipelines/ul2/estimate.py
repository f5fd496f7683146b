"""Estimates what a byte of text gives, from a few places of the sources."""

from collections.abc import Iterator, Sequence
import itertools

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.launch.estimate import Look
from ul2_flan.pipelines.sources import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL

# So many places, and so many characters of each, go through the whole pipeline:
# enough to know tokens and bytes within some percent.
_PLACES = 8
_CHARS = 1 << 16


def rates(
  worker: Ul2Worker, files: Sequence[tuple[str, int]]
) -> dict[str, float]:
  """Estimates documents, tokens and output bytes for each source byte.

  Args:
    worker: makes the examples.
    files: paths and sizes of all sources.

  Raises:
    UserError: the sample holds no document.
  """
  full = [(path, size) for path, size in files if size]
  look = Look()
  for piece in _pieces(full, worker.source_options):
    for block in sources.read(piece, worker.source_options):
      if not (block.texts or block.rejects):
        continue
      # A reader of a compressed file has read more bytes than its block has
      # used, by a share that shrinks as the block grows. So the whole block
      # gives the ratio of bytes, and its beginning all else. `min`, because a
      # piece's last line may end beyond the piece.
      read = min(block.source_bytes, piece.size)
      look.source_bytes += read * _shorten(block)
      look.add(worker.examples([block], look.counts))
      break
  _refuse_unreadable(look, full)
  read_bytes = max(look.source_bytes, 1.0)
  written = look.written + look.records * (FRAME_HEAD + FRAME_TAIL)
  return {
    'documents': look.counts['documents/read'] / read_bytes,
    'tokens': look.counts['tokens/read'] / read_bytes,
    'bytes': written / read_bytes,
  }


def _refuse_unreadable(look: Look, full: Sequence[tuple[str, int]]) -> None:
  """Refuses sources of which the sample gives no document."""
  if full and not look.counts['documents/read']:
    raise UserError(
      f'there is no record at the start of {full[0][0]}: is --format right?'
    )
  if look.rejects and not look.counts['tokens/read']:
    first = look.rejects[0]
    raise UserError(
      f'{first.source}, at {first.place}: {first.reason}: {first.detail}. No '
      'document could be read at the start of the sources: are --format, '
      '--text_field and --id_field right?'
    )


def _pieces(
  full: Sequence[tuple[str, int]], options: SourceOptions
) -> Iterator[Piece]:
  """Picks pieces from all over the files; the first begins the first file.

  A file that cannot be divided has one piece, at its beginning.
  """
  files = full[:: max(1, len(full) // _PLACES)][:_PLACES]
  for number, (path, size) in enumerate(files):
    stretch = max(options.block_bytes, size // 1000)
    pieces = sources.split(path, size, stretch, options)
    each = -(-_PLACES // len(files))
    # Each file is entered a little later than the one before it: beginnings of
    # files may be alike.
    shift = number * len(pieces) // (each * len(files))
    step = max(1, len(pieces) // each)
    yield from pieces[shift::step][:each]


def _shorten(block: DocumentBlock) -> float:
  """Keeps a block's first documents; returns their share of its characters."""
  ends = list(itertools.accumulate(map(len, block.texts)))
  kept = 1 + sum(end < _CHARS for end in ends)
  if kept >= len(ends):
    return 1.0
  block.texts = block.texts[:kept]
  block.places = block.places[:kept]
  block.ids = block.ids and block.ids[:kept]
  return ends[kept - 1] / max(ends[-1], 1)
