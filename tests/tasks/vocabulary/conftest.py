"""A small vocabulary, and texts of many languages."""

import gzip
import json
from pathlib import Path

import pytest

from ul2_flan.tasks.vocabulary import Vocabulary


@pytest.fixture(scope='session')
def small(vocabulary_path: str) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


@pytest.fixture(scope='session')
def multilingual(shared_data: Path) -> list[str]:
  """Beginnings of texts of all languages: every seventh line."""
  folder = shared_data / 'text' / 'multilingual'
  texts = []
  for path in sorted(folder.glob('*.jsonl.gz')):
    with gzip.open(path, 'rt') as lines:
      texts += [json.loads(line)['text'] for line in lines][::7]
  return [text[:1000] for text in texts]
