"""Finds what the benchmarks read: text and a vocabulary."""

import glob
from pathlib import Path
from typing import Any

import orjson
import prose

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.sources.decompress import open_stream

SHARED = Path(__file__).parents[3] / 'shared' / 'data'


def find(folder: Path) -> tuple[str, str]:
  """Returns a glob of JSON lines files, and the path of a vocabulary.

  They are in ../shared/data or, if that is not there, made in `folder`.
  """
  if SHARED.is_dir():
    return (f'{SHARED}/text/en/*.jsonl.gz', f'{SHARED}/vocab/t5.spiece.model')
  prose.write_corpus(folder / 'text', shards=4)
  prose.train_vocabulary(folder / 'vocabulary.model', size=4000)
  return f'{folder}/text/*.jsonl.gz', f'{folder}/vocabulary.model'


def texts(corpus: str) -> list[str]:
  """Reads the texts of the files that a glob matches."""
  documents = []
  for path in sorted(glob.glob(corpus)):
    with open_stream(path) as stream:
      data = stream.read_decompressed(1 << 40)
    documents += [orjson.loads(line)['text'] for line in data.splitlines()]
  return documents


def config(corpus: str, vocabulary: str, **more: Any) -> ul2.Config:
  """Returns what the benchmarks make of the files that a glob matches."""
  return ul2.Config(
    **{
      'inputs': sorted(glob.glob(corpus)),
      'vocabulary': vocabulary,
      'preset': 'ul2r',
      **more,
    }
  )


def flags(corpus: str, vocabulary: str, output: Path, *more: str) -> list[str]:
  """Returns the same for the command `ul2`, with more flags after it."""
  given = ['--input', *sorted(glob.glob(corpus)), '--output', str(output)]
  return [*given, '--vocabulary', vocabulary, '--preset', 'ul2r', *more]
