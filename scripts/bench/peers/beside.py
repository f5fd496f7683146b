"""Measures whole commands over the same text, ours and those of other projects.

    make bench

The others are in an environment of their own, `.bench`; `make .bench` installs
them. One that is not there is left out, with a line. They only tokenise, and
write what they like best; ours corrupts with UL2R's denoisers and writes
TFRecords. It measures CPU seconds, user and system, of all processes, imports
included. Then it shows how our cost grows with the text.
"""

from __future__ import annotations

import json
from pathlib import Path
import shutil
import statistics
import sys
import tempfile

import bench.corpus
import bench.measure

from ul2_flan.pipelines.run.tables import table

PEERS = {
  'sentencepiece': 'sentencepiece, bare',
  'datasets': 'Hugging Face datasets.map, fast tokenizer',
  'datatrove': "datatrove's tokenizer",
  'megatron': "Megatron's indexed dataset, sentencepiece",
}
PYTHON = Path(__file__).parents[3] / '.bench' / 'bin' / 'python'
MEGABYTES = 20
GROWTH = (20, 200, 2000)
ROUNDS = 3


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    corpus, vocabulary = bench.corpus.find(folder)
    texts = bench.corpus.texts(corpus)
    _beside(texts, vocabulary, folder)
    _growth(texts, vocabulary, folder)
  return 0


def _write(texts: list[str], megabytes: int, folder: Path) -> Path:
  """Writes so much text as JSON lines, each document as often as is needed."""
  path = folder / f'{megabytes}.jsonl'
  size = repeat = 0
  with path.open('w') as file:
    while size < megabytes * 1_000_000:
      for i, text in enumerate(texts):
        line = json.dumps({'id': f'{repeat}/{i}', 'text': text}) + '\n'
        size += file.write(line)
        if size >= megabytes * 1_000_000:
          break
      repeat += 1
  return path


def _ours(path: Path, vocabulary: str, folder: Path) -> float:
  output = folder / 'ours'
  shutil.rmtree(output, ignore_errors=True)
  flags = bench.corpus.flags(str(path), vocabulary, output)
  command = ['-m', 'ul2_flan.pipelines.ul2', *flags, '--id_field', 'id']
  seconds, _ = bench.measure.command(command)
  shutil.rmtree(output)
  return seconds


def _beside(texts: list[str], vocabulary: str, folder: Path) -> None:
  """Prints what each takes for the same text, and that divided by ours."""
  path = _write(texts, MEGABYTES, folder)
  script = str(Path(__file__).with_name('tokenise.py'))
  seconds: dict[str, list[float]] = {}
  for _ in range(ROUNDS):
    seconds.setdefault('', []).append(_ours(path, vocabulary, folder))
    for peer in PEERS:
      output = folder / 'theirs'
      command = [script, peer, str(path), vocabulary, str(output)]
      try:
        spent, _ = bench.measure.command(command, python=str(PYTHON))
      except (OSError, RuntimeError) as e:
        if peer not in seconds:
          print(f'{PEERS[peer]}: left out, {str(e).strip().splitlines()[-1]}')
      else:
        seconds.setdefault(peer, []).append(spent)
      shutil.rmtree(output, ignore_errors=True)
  ours = statistics.median(seconds.pop(''))
  lines = [['ul2-flan: tokenised, denoised, written', f'{ours:.1f}', '1']]
  for peer, times in seconds.items():
    theirs = statistics.median(times)
    lines.append([PEERS[peer], f'{theirs:.1f}', f'{theirs / ours:.1f}'])
  header = [f'{MEGABYTES} MB, whole processes', 'CPU s', '÷ ours']
  print(table(header, lines), '\n', flush=True)


def _growth(texts: list[str], vocabulary: str, folder: Path) -> None:
  """Prints what a run over more and more text costs."""
  lines = []
  for megabytes in GROWTH:
    path = _write(texts, megabytes, folder)
    seconds = _ours(path, vocabulary, folder)
    path.unlink()
    per_gigabyte = f'{1000 * seconds / megabytes:.1f}'
    lines.append([f'{megabytes:,} MB', f'{seconds:.1f}', per_gigabyte])
  print(table(['text', 'CPU s', 'CPU s a GB'], lines), '\n', flush=True)


if __name__ == '__main__':
  sys.exit(main())
