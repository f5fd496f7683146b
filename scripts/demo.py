"""From raw text to batches, on the text that every Python carries.

    make demo

Writes a corpus, trains a small vocabulary on it, materialises UL2R data, checks
it, registers it with seqio, and prints batches as T5X would get them.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import os
from pathlib import Path
import shutil
import sys
import time

import prose

from ul2_flan.pipelines import ul2, verify

FOLDER = Path('build/demo')
LENGTHS = {'inputs': 512, 'targets': 512}


def main() -> int:
  start = time.monotonic()
  shutil.rmtree(FOLDER, ignore_errors=True)
  _title('a corpus, and a vocabulary of 4,000 pieces')
  characters = prose.write_corpus(FOLDER / 'text', shards=4)
  vocabulary = FOLDER / 'vocabulary.model'
  prose.train_vocabulary(vocabulary, size=4000)
  print(f'{characters:,} characters, {vocabulary}\n')

  output = str(FOLDER / 'ul2r')
  flags = ['--input', str(FOLDER / 'text'), '--id_field', 'id']
  flags += ['--output', output, '--vocabulary', str(vocabulary)]
  flags += ['--preset', 'ul2r', '--per_denoiser']
  flags += ['--validation_fraction', '0.02', '--min_shards', '4']
  _title(f'python -m ul2_flan.pipelines.ul2 {" ".join(flags)}')
  if status := ul2.main(flags):
    return status
  _title(f'python -m ul2_flan.pipelines.verify {output}')
  if status := verify.main([output]):
    return status
  with _quiet():
    _print_batches(output)
  print(f'\nAll of it took {time.monotonic() - start:.0f} s.')
  return 0


def _print_batches(output: str) -> None:
  # Nothing before this line needs TensorFlow.
  import seqio

  from ul2_flan.tasks.register import register

  names = register(output)
  _title(f'register({output!r})')
  print(', '.join(names), '\n')
  for name in names[1:]:
    task = seqio.get_mixture_or_task(name)
    dataset = task.get_dataset(LENGTHS, 'train', shuffle=False, use_cached=True)
    vocabulary = task.output_features['inputs'].vocabulary
    example = next(dataset.as_numpy_iterator())
    print(f'{name}: {task.num_input_examples("train"):,} examples')
    for side in LENGTHS:
      text = ' '.join(_words(vocabulary, example[side]))
      print(f'  {side:8}{len(example[side]):4} tokens  {_short(text)}')
  _title(
    f"seqio.get_dataset('{names[0]}', pack=True), the mixture as T5X has it"
  )
  packed = seqio.get_dataset(
    names[0],
    LENGTHS,
    seqio.EncDecFeatureConverter(pack=True),
    use_cached=True,
    verbose=False,
    seed=0,
  ).batch(8)
  for batch in packed.take(1).as_numpy_iterator():
    for key, value in sorted(batch.items()):
      filled = (value != 0).mean()
      print(f'{key:26} {value.dtype} {list(value.shape)}  {filled:.0%} filled')


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
  """Silences standard error: TensorFlow's C++ says there what it finds odd."""
  saved = os.dup(2)
  with open(os.devnull, 'w') as nowhere:
    os.dup2(nowhere.fileno(), 2)
    try:
      yield
    finally:
      os.dup2(saved, 2)
      os.close(saved)


def _words(vocabulary: object, ids: object) -> list[str]:
  """Pieces as text, sentinels in angle brackets."""
  tokenizer = vocabulary.tokenizer  # type: ignore[attr-defined]
  pieces = [tokenizer.id_to_piece(int(i)) for i in ids]  # type: ignore[attr-defined]
  return ''.join(pieces).replace('▁', ' ').split()


def _short(text: str) -> str:
  return text if len(text) <= 100 else f'{text[:70]} … {text[-27:]}'


def _title(text: str) -> None:
  print(f'\n=== {text}\n')


if __name__ == '__main__':
  sys.exit(main())
