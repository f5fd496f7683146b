"""Small corpora, files in every compression, and UL2 runs over them."""

import bz2
from collections.abc import Iterable, Sequence
import gzip
import io
import json
from pathlib import Path
from pydoc_data import topics
from typing import Any

import sentencepiece
import zstandard

from ul2_flan.pipelines import sources, ul2
from ul2_flan.pipelines.sources import DocumentBlock, Reject, SourceOptions
from ul2_flan.tasks import records

COMPRESS = {
  '': lambda data: data,
  '.gz': gzip.compress,
  '.bz2': bz2.compress,
  '.zst': zstandard.ZstdCompressor().compress,
}

DEFAULT = SourceOptions()

# Shards and segments small enough for a corpus of some kilobytes.
SMALL = [
  '--inputs_length=64',
  '--targets_length=64',
  '--min_shards=2',
  '--validation_fraction=0.1',
]


def prose(count: int, words: int = 60) -> list[str]:
  """Stretches of English text, no two alike."""
  found = ' '.join(topics.topics.values()).split()[: count * words]
  assert len(found) == count * words, 'Python ships no more prose than this'
  return [
    ' '.join(found[start : start + words])
    for start in range(0, count * words, words)
  ]


def json_lines(rows: Iterable[Any]) -> bytes:
  return b''.join(json.dumps(row).encode() + b'\n' for row in rows)


def documents(count: int) -> bytes:
  """JSON lines with an id and a text each."""
  return json_lines(
    {'id': f'doc-{i}', 'text': text} for i, text in enumerate(prose(count))
  )


def write(path: Path, data: bytes) -> str:
  """Writes a file, compressed as its name says; returns its path."""
  path.parent.mkdir(parents=True, exist_ok=True)
  suffix = path.suffix if path.suffix in COMPRESS else ''
  path.write_bytes(COMPRESS[suffix](data))
  return str(path)


def tfrecord(examples: Iterable[dict[str, bytes]]) -> bytes:
  """A TFRecord file of `tf.train.Example` protos."""
  return records.frame_records(
    [
      records.encode_examples({k: [v] for k, v in example.items()})[0]
      for example in examples
    ]
  )


def pieces_of(
  path: str, options: SourceOptions = DEFAULT, max_bytes: int = 1 << 40
) -> list[sources.Piece]:
  return sources.split(path, Path(path).stat().st_size, max_bytes, options)


def blocks_of(
  path: str, options: SourceOptions = DEFAULT, max_bytes: int = 1 << 40
) -> list[DocumentBlock]:
  """All blocks of a file, piece after piece."""
  return [
    block
    for piece in pieces_of(path, options, max_bytes)
    for block in sources.read(piece, options)
  ]


def texts_of(blocks: Iterable[DocumentBlock]) -> list[tuple[int, str]]:
  """Documents with their places."""
  return [
    pair
    for block in blocks
    for pair in zip(block.places, block.texts, strict=True)
  ]


def rejects_of(blocks: Iterable[DocumentBlock]) -> list[Reject]:
  return [reject for block in blocks for reject in block.rejects]


def reasons_of(blocks: Iterable[DocumentBlock]) -> list[tuple[int, str]]:
  return [(r.place, r.reason) for r in rejects_of(blocks)]


def run(
  inputs: str | Sequence[str], output: object, vocabulary: str, *flags: str
) -> int:
  """Runs the whole pipeline in this process; returns its exit status."""
  inputs = [inputs] if isinstance(inputs, str) else list(inputs)
  where = ['--output', str(output), '--vocabulary', vocabulary]
  # No worker processes: a test's replacements would not reach them.
  flags = ('--local_workers=1', *flags)
  return ul2.main(['--input', *inputs, *where, *SMALL, *flags])


def quarantined(output: Path) -> list[dict[str, Any]]:
  """The rejected records, in the order of the quarantine's files."""
  return [
    json.loads(line)
    for path in sorted((output / 'quarantine').glob('*.jsonl'))
    for line in path.read_bytes().splitlines()
  ]


def shards_of(output: Path) -> dict[str, bytes]:
  """The bytes of all TFRecord files of an output."""
  return {
    str(path.relative_to(output)): path.read_bytes()
    for path in sorted(output.rglob('*.tfrecord-*'))
  }


def tree(folder: Path) -> dict[str, bytes]:
  """Reads all files below a folder: relative paths and bytes."""
  return {
    path.relative_to(folder).as_posix(): path.read_bytes()
    for path in sorted(folder.rglob('*'))
    if path.is_file()
  }


def write_llama(path: Path) -> str:
  """Trains a vocabulary with LLaMA's ids: no pad, byte fallback, EOS 2."""
  model = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(prose(20, 40)),
    model_writer=model,
    model_type='bpe',
    vocab_size=500,
    hard_vocab_limit=False,
    byte_fallback=True,
    **{'unk_id': 0, 'bos_id': 1, 'eos_id': 2, 'pad_id': -1},
    num_threads=1,
    minloglevel=2,
  )
  path.write_bytes(model.getvalue())
  return str(path)
