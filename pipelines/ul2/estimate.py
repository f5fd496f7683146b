"""What a source byte gives, from a look at the sources before the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import itertools

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.run.contract import Batch
from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.sources import (
  DocumentBlock,
  Piece,
  Reject,
  SourceOptions,
)
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks.errors import UserError

# Stretches of the sources, of which so many characters go through the whole
# pipeline: enough to know tokens and bytes within some percent.
_SAMPLES = 8
_SAMPLE_CHARS = 1 << 16

# A TFRecord frame's lengths and checksums.
_FRAME_BYTES = 16


def rates(job: Ul2Worker, found: Sequence[tuple[str, int]]) -> dict[str, float]:
  """Documents, tokens and output bytes for each source byte.

  Args:
    job: makes the examples.
    found: paths and sizes of all sources.

  Raises:
    UserError: there is not one document in the sample.
  """
  full = [(path, size) for path, size in found if size]
  counts = Counts()
  read = 0.0
  written = 0
  rejects: list[Reject] = []
  for piece in _pieces(full, job.source_options):
    for block in sources.read(piece, job.source_options):
      if not (block.texts or block.rejects):
        continue
      # Of a compressed file more was read than was used; less so the more it
      # is, hence the whole block for the ratio and its beginning for the rest.
      # A piece's last line may take a reader beyond its end.
      read += min(block.source_bytes, piece.size) * _shorten(block)
      for result in job.examples(block, counts):
        if isinstance(result, Batch):
          written += sum(map(len, result.records))
          written += _FRAME_BYTES * len(result.records)
        else:
          rejects += result
      break
  if full and not counts['documents/read']:
    raise UserError(
      f'there is no record at the start of {full[0][0]}: is --format right?'
    )
  if rejects and not counts['tokens/read']:
    first = rejects[0]
    raise UserError(
      f'{first.source}, at {first.place}: {first.reason}: {first.detail}. No '
      'document could be read at the start of the sources: are --format, '
      '--text_field and --id_field right?'
    )
  read = max(read, 1.0)
  return {
    'documents': counts['documents/read'] / read,
    'tokens': counts['tokens/read'] / read,
    'bytes': written / read,
  }


def _pieces(
  full: Sequence[tuple[str, int]], options: SourceOptions
) -> Iterator[Piece]:
  """Some pieces from all over the files; the first begins the first file.

  A file that cannot be divided has one, at its beginning.
  """
  files = full[:: max(1, len(full) // _SAMPLES)][:_SAMPLES]
  for number, (path, size) in enumerate(files):
    stretch = max(options.block_bytes, size // 1000)
    pieces = sources.split(path, size, stretch, options)
    each = -(-_SAMPLES // len(files))
    # Not all at the beginnings of their files.
    shift = number * len(pieces) // (each * len(files))
    step = max(1, len(pieces) // each)
    yield from pieces[shift::step][:each]


def _shorten(block: DocumentBlock) -> float:
  """Keeps a block's first documents; returns their share of its characters."""
  ends = list(itertools.accumulate(map(len, block.texts)))
  kept = 1 + sum(end < _SAMPLE_CHARS for end in ends)
  if kept >= len(ends):
    return 1.0
  block.texts = block.texts[:kept]
  block.places = block.places[:kept]
  block.ids = block.ids and block.ids[:kept]
  return ends[kept - 1] / max(ends[-1], 1)
