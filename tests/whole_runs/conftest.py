"""A small corpus for whole runs, and the flags of a UL2 run over it."""

from collections.abc import Callable
import json
from pathlib import Path

import pytest

WORDS = ('seven', 'denoisers', 'corrupt', 'what', 'one', 'model', 'restores')


@pytest.fixture(scope='module')
def corpus(tmp_path_factory) -> Path:
  """Three files of JSON lines, of documents that all differ."""
  folder = tmp_path_factory.mktemp('corpus')
  for part in range(3):
    lines = []
    for i in range(60):
      text = ' '.join(
        f'{WORDS[(i * 5 + k) % 7]} {part * 60 + i + k}'
        for k in range(20 + 9 * i)
      )
      lines.append(json.dumps({'text': text}))
    (folder / f'part-{part}.jsonl').write_text('\n'.join(lines) + '\n')
  return folder


@pytest.fixture
def flags(corpus, vocabulary_path, tmp_path) -> Callable[..., list[str]]:
  """Makes the flags of a UL2 run: a name of its output, and more flags."""

  def make(output: str = 'out', *more: str) -> list[str]:
    return [
      *('--input', str(corpus), '--vocabulary', str(vocabulary_path)),
      *('--output', str(tmp_path / output), '--preset', 'ul2'),
      *('--validation_fraction', '0.1', '--min_shards', '6', *more),
    ]

  return make
