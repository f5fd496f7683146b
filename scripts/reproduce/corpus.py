"""Divides the text into what each stage reads, and trains a vocabulary on it.

A document's id decides where it goes, so every run divides alike: most text is
for the base model, a share for the extra steps, and a little is held out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import contextlib
import gzip
import hashlib
import io
import json
from pathlib import Path
import string

import sentencepiece

# Of 1,000 documents, those of each part; 'base' gets all others.
_EXTRA, _HELD_OUT = 200, 10

# Pieces of the vocabulary; T5's 100 sentinels come on top.
VOCABULARY_SIZE = 8000
MODE_TOKENS = ('[NLU]', '[S2S]', '[NLG]')

# The trainer draws lines by chance, so it gets just as many as it takes.
_LINES = 100_000


def divide(text: Path, output: Path) -> None:
  """Writes `base.jsonl.gz`, `extra.jsonl.gz` and `held_out.jsonl.gz`.

  Args:
    text: a folder of compressed JSON lines, each with an `id` and a `text`.
    output: a folder.
  """
  output.mkdir(parents=True, exist_ok=True)
  with contextlib.ExitStack() as stack:
    parts = {
      name: stack.enter_context(_writer(output / f'{name}.jsonl.gz'))
      for name in ('base', 'extra', 'held_out')
    }
    for document in _documents(text):
      line = json.dumps({'id': document['id'], 'text': document['text']})
      parts[_part(document['id'])].write(f'{line}\n'.encode())


def train_vocabulary(text: Path, path: Path) -> None:
  """Trains a unigram model with T5's special ids and a piece a mode token.

  Args:
    text: what `divide` wrote, of which the vocabulary sees the base's part.
    path: of the model.
  """
  model = io.BytesIO()
  with gzip.open(text / 'base.jsonl.gz', 'rt', encoding='utf-8') as f:
    lines = [
      line
      for document in map(json.loads, f)
      for line in document['text'].splitlines()
      if line.strip()
    ]
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(lines[:: -(-len(lines) // _LINES)]),
    model_writer=model,
    vocab_size=VOCABULARY_SIZE,
    required_chars=string.ascii_letters + string.digits + string.punctuation,
    split_digits=True,
    user_defined_symbols=list(MODE_TOKENS),
    pad_id=0,
    eos_id=1,
    unk_id=2,
    bos_id=-1,
    minloglevel=2,
  )
  path.write_bytes(model.getvalue())


def _part(id: str) -> str:
  """Returns the part that a document belongs to.

  >>> sorted({_part(str(i)) for i in range(500)})
  ['base', 'extra', 'held_out']
  """
  digest = hashlib.sha256(id.encode()).digest()
  place = int.from_bytes(digest[:8], 'big') % 1000
  if place < _HELD_OUT:
    return 'held_out'
  return 'extra' if place < _HELD_OUT + _EXTRA else 'base'


def _documents(folder: Path) -> Iterator[Mapping[str, str]]:
  for path in sorted(folder.glob('*.jsonl.gz')):
    with gzip.open(path, 'rt', encoding='utf-8') as f:
      yield from map(json.loads, f)


def _writer(path: Path) -> gzip.GzipFile:
  # Without a time, so that the same text gives the same bytes.
  return gzip.GzipFile(path, 'wb', compresslevel=6, mtime=0)
