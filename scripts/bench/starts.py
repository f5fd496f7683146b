"""Measures how soon small commands are done, beside `import apache_beam`.

    PYTHONPATH=scripts .venv/bin/python -m bench.starts

It measures CPU seconds of whole processes. Each command runs beside the import,
so that whatever else the machine does slows both down alike.
"""

from __future__ import annotations

import json
from pathlib import Path
import statistics
import sys
import tempfile

import bench.corpus
import bench.measure

from ul2_flan.pipelines.run.tables import table

ROUNDS = 9
BYTES = 1_000_000


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    corpus, vocabulary = bench.corpus.find(folder)
    output = folder / 'out'
    flags = bench.corpus.flags(
      str(_small(corpus, folder)), vocabulary, output, '--overwrite'
    )
    ul2 = ['-m', 'ul2_flan.pipelines.ul2']
    commands = {
      'ul2 --help': [*ul2, '--help'],
      'ul2, 1 MB of text': [*ul2, *flags],
      'verify of that': ['-m', 'ul2_flan.pipelines.verify', str(output)],
    }
    rows = [_row(title, command) for title, command in commands.items()]
  header = ['a whole process', 'CPU s', '÷ import apache_beam', 'range']
  print(table(header, rows), '\n')
  return 0


def _small(corpus: str, folder: Path) -> Path:
  """Writes some of a corpus as JSON lines."""
  path = folder / 'small.jsonl'
  size = 0
  with path.open('w') as file:
    for text in bench.corpus.texts(corpus):
      size += file.write(json.dumps({'text': text}) + '\n')
      if size >= BYTES:
        break
  return path


def _row(title: str, command: list[str]) -> list[str]:
  """Measures a command beside the import."""
  # Not measured: it compiles modules, and fills caches of files.
  bench.measure.command(command)
  rounds = []
  for _ in range(ROUNDS):
    beam, _ = bench.measure.command(['-c', 'import apache_beam'])
    rounds.append((bench.measure.command(command)[0], beam))
  ratios = sorted(ours / beam for ours, beam in rounds)
  return [
    title,
    f'{statistics.median(ours for ours, _ in rounds):.2f}',
    f'{statistics.median(ratios):.2f}',
    f'{ratios[0]:.2f} to {ratios[-1]:.2f}',
  ]


if __name__ == '__main__':
  sys.exit(main())
