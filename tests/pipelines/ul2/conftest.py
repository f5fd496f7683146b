"""A small corpus to plan UL2 runs over."""

from pathlib import Path

import pytest
from support.corpora import documents, write


@pytest.fixture
def corpus(tmp_path: Path) -> str:
  return write(tmp_path / 'in/a.jsonl', documents(40))
