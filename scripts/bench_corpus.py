"""What the benchmarks read."""

import glob
from pathlib import Path

import orjson
import prose

from ul2_flan.pipelines.sources.decompress import open_stream

SHARED = Path(__file__).parents[2] / 'shared' / 'data'


def find(folder: Path) -> tuple[str, str]:
  """A glob of JSON lines files, and a vocabulary."""
  if SHARED.is_dir():
    return (
      f'{SHARED}/text/en/*.jsonl.gz',
      f'{SHARED}/vocab/t5.spiece.model',
    )
  prose.write_corpus(folder / 'text', shards=4)
  prose.train_vocabulary(folder / 'vocabulary.model', size=4000)
  return f'{folder}/text/*.jsonl.gz', f'{folder}/vocabulary.model'


def texts(corpus: str) -> list[str]:
  found = []
  for path in sorted(glob.glob(corpus)):
    with open_stream(path) as stream:
      data = stream.read_decompressed(1 << 40)
    found += [orjson.loads(line)['text'] for line in data.splitlines()]
  return found


def flags(corpus: str, vocabulary: str, output: Path, *more: str) -> list[str]:
  where = ['--input', *sorted(glob.glob(corpus)), '--output', str(output)]
  return [*where, '--vocabulary', vocabulary, '--preset', 'ul2r', *more]
