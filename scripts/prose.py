"""English prose that every Python carries, and a vocabulary trained on it.

The language reference's topics (`pydoc_data.topics`) and the docstrings of the
standard library: real text, on every machine, under Python's own licence.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
import functools
import gzip
import io
import json
from pathlib import Path
import pydoc_data.topics
import string
import sysconfig
import warnings

import sentencepiece


@functools.cache
def documents() -> tuple[Mapping[str, str], ...]:
  """Returns documents with an id and a text, in one order on every machine."""
  # To read the library takes some seconds; to keep it, 20 MB.
  return tuple(_documents())


def _documents() -> Iterator[dict[str, str]]:
  for name, text in sorted(pydoc_data.topics.topics.items()):
    yield {'id': f'topic/{name}', 'text': text}
  library = Path(sysconfig.get_paths()['stdlib'])
  for path in sorted(library.rglob('*.py')):
    inside = path.relative_to(library)
    if 'site-packages' in inside.parts or 'test' in inside.parts:
      continue
    text = '\n\n'.join(_docstrings(path))
    if len(text) > 200:
      yield {'id': f'library/{inside}', 'text': text}


def _docstrings(path: Path) -> Iterator[str]:
  """Yields the docstrings of a module; none if it is not Python of today."""
  try:
    with warnings.catch_warnings():
      warnings.simplefilter('ignore')  # some files hold odd escapes on purpose
      tree = ast.parse(path.read_bytes())
  except (SyntaxError, ValueError):
    return
  kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
  for node in ast.walk(tree):
    if isinstance(node, kinds) and (text := ast.get_docstring(node)):
      yield text


def write_corpus(folder: Path, shards: int) -> int:
  """Writes the documents as compressed JSON lines; returns their characters."""
  folder.mkdir(parents=True, exist_ok=True)
  lines: list[list[str]] = [[] for _ in range(shards)]
  count = 0
  for i, document in enumerate(documents()):
    lines[i % shards].append(json.dumps(document) + '\n')
    count += len(document['text'])
  for i, part in enumerate(lines):
    path = folder / f'prose.{i:05d}-of-{shards:05d}.jsonl.gz'
    path.write_bytes(gzip.compress(''.join(part).encode(), mtime=0))
  return count


def train_vocabulary(path: Path, size: int) -> None:
  """Trains a unigram model with T5's special ids."""
  model = io.BytesIO()
  lines = [
    line
    for document in documents()
    for line in document['text'].splitlines()
    if line.strip()
  ]
  # All of them would take longer. The trainer itself would draw other lines,
  # and so make another vocabulary, each time.
  lines = lines[:: -(-len(lines) // 40_000)]
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(lines),
    model_writer=model,
    vocab_size=size,
    required_chars=string.ascii_letters + string.digits + string.punctuation,
    pad_id=0,
    eos_id=1,
    unk_id=2,
    bos_id=-1,
    hard_vocab_limit=False,
    minloglevel=2,
  )
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(model.getvalue())
