"""Makes packed batches from text and tasks that every Python carries.

    make demo

It writes a corpus, a vocabulary, and small tasks in the formats of four suites.
Then it denoises the text (UL2R), renders the tasks (Flan), mixes, shuffles and
packs both into one data set, checks it, shows it all on a page, registers it
with seqio, and prints what is in it and the batches that T5X would get.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import contextlib
import os
from pathlib import Path
import shutil
import sys
import time
from typing import Any

import demo_tasks
import prose

from ul2_flan.pipelines import flan, mix, ul2, verify
from ul2_flan.pipelines.report import __main__ as report
from ul2_flan.tasks.manifest import Manifest

FOLDER = Path('build/demo')
UL2R, FLAN, BLEND = (str(FOLDER / name) for name in ('ul2r', 'flan', 'blend'))

# Runs can be mixed only if they were made for the same lengths.
LENGTHS = {'inputs': 512, 'targets': 512}


def main() -> int:
  # `FOLDER` is deleted, and must be the one of this repository.
  os.chdir(Path(__file__).parents[1])
  start = time.monotonic()
  shutil.rmtree(FOLDER, ignore_errors=True)
  _title('a corpus, a vocabulary of 4,000 pieces, and small tasks')
  characters = prose.write_corpus(FOLDER / 'text', shards=4)
  vocabulary = FOLDER / 'vocabulary.model'
  prose.train_vocabulary(vocabulary, size=4000)
  suites = demo_tasks.write(FOLDER / 'tasks')
  print(f'{characters:,} characters, {vocabulary}, {", ".join(suites)}')

  for title, make in (
    ('ul2.run: the text, denoised', lambda: _ul2r(vocabulary)),
    ('flan.run: the tasks, rendered', lambda: _flan(vocabulary, suites)),
    ('mix.run: both, half and half in tokens, packed', _blend),
  ):
    _title(title)
    _print_made(make())
  _title(f'ul2-flan verify {BLEND}')
  if status := verify.main([BLEND]):
    return status
  page = FOLDER / 'report.html'
  _title(f'ul2-flan report {UL2R} {FLAN} {BLEND} --output {page}')
  report.main([UL2R, FLAN, BLEND, '--output', str(page)])
  with _quiet():
    _print_examples(UL2R, FLAN)
    _print_batch(BLEND)
  print(f'\nAll of it took {time.monotonic() - start:.0f} s.')
  return 0


def _ul2r(vocabulary: Path) -> Manifest:
  """Denoises the text: a data set for each denoiser."""
  config = ul2.Config(
    inputs=[str(FOLDER / 'text')],
    id_field='id',
    vocabulary=str(vocabulary),
    inputs_length=LENGTHS['inputs'],
    targets_length=LENGTHS['targets'],
    preset='ul2r',
    per_denoiser=True,
    validation_fraction=0.02,
  )
  return ul2.run(config, output=UL2R)


def _flan(vocabulary: Path, suites: Mapping[str, Path]) -> Manifest:
  """Renders the tasks, zero-shot and few-shot."""
  config = flan.Config(
    sources={suite: [str(path)] for suite, path in suites.items()},
    unlisted=True,
    settings=['zs_opt', 'fs_opt'],
    vocabulary=str(vocabulary),
    inputs_length=LENGTHS['inputs'],
    targets_length=LENGTHS['targets'],
    validation_fraction=0.02,
  )
  return flan.run(config, output=FLAN)


def _blend() -> Manifest:
  """Mixes both into one data set of packed sequences."""
  config = mix.Config(
    manifests=[UL2R, FLAN],
    mixture='ul2r_flan2022',
    include=['unlisted'],
    num_examples=3000,
    min_shards=4,
    pack='enc_dec',
    name='blend',
  )
  return mix.run(config, output=BLEND)


def _print_made(manifest: Manifest) -> None:
  """Prints how many examples, or packed sequences, each data set has."""
  for name, splits in manifest.data_sets.items():
    sizes = ', '.join(f'{s.examples:,} {split}' for split, s in splits.items())
    print(f'{name}: {sizes}')


def _print_examples(*outputs: str) -> None:
  """Prints an example of each kind, as the pipelines made it."""
  # Nothing before this line needs TensorFlow, which is slow to import.
  import seqio

  from ul2_flan.tasks.register import register

  _title('an example of each kind')
  for output in outputs:
    names = [n for n in register(output) if n in seqio.TaskRegistry.names()]
    # The first of each denoiser, or of each suite and setting.
    kinds = {(n.split(':')[1], n.split(':')[-1]): n for n in reversed(names)}
    for name in reversed(kinds.values()):
      task = seqio.get_mixture_or_task(name)
      dataset = task.get_dataset(
        LENGTHS, 'train', shuffle=False, use_cached=True
      )
      example = next(dataset.as_numpy_iterator())
      print(f'{name}: {task.num_input_examples("train"):,} examples')
      for side in LENGTHS:
        print(f'  {side:8}{_described(task, example[side])}')


def _described(task: Any, ids: Any) -> str:
  """Returns the number of tokens, and their text, shortened."""
  vocabulary = task.output_features['inputs'].vocabulary
  text = ' '.join(_words(vocabulary, ids))
  return f'{len(ids):4} tokens  {_short(text)}'


def _print_batch(output: str) -> None:
  """Prints a batch of packed sequences, and what is in one of them."""
  import seqio

  from ul2_flan.tasks.register import load_manifest, register

  (name,) = register(output)
  lengths = load_manifest(f'{output}/manifest.json').task_feature_lengths
  _title(f"seqio.get_dataset('{name}'), packed already, as T5X has it")
  dataset = seqio.get_dataset(
    name,
    lengths,
    seqio.PrePackedEncDecFeatureConverter(pack=False),
    use_cached=True,
    verbose=False,
    seed=0,
  )
  batch = next(dataset.batch(8).as_numpy_iterator())
  for key, value in sorted(batch.items()):
    filled = (value != 0).mean()
    print(f'{key:26} {value.dtype} {list(value.shape)}  {filled:.0%} not 0')
  print('\nThe sequence that holds the most examples:')
  row = int(batch['decoder_segment_ids'].max(axis=1).argmax())
  sequence = {key: value[row] for key, value in batch.items()}
  _print_sequence(seqio.get_mixture_or_task(name), sequence)


def _print_sequence(task: Any, sequence: Mapping[str, Any]) -> None:
  """Prints the examples of a packed sequence."""
  # Examples of a sequence are numbered from 1; 0 is padding.
  for k in range(1, sequence['decoder_segment_ids'].max() + 1):
    for part, tokens in (('encoder', 'input'), ('decoder', 'target')):
      of_example = sequence[f'{part}_segment_ids'] == k
      ids = sequence[f'{part}_{tokens}_tokens'][of_example]
      print(f'  {k} {tokens + "s":8}{_described(task, ids)}')


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
  """Silences standard error, where TensorFlow's C++ code writes warnings."""
  saved = os.dup(2)
  with open(os.devnull, 'w') as nowhere:
    os.dup2(nowhere.fileno(), 2)
    try:
      yield
    finally:
      os.dup2(saved, 2)
      os.close(saved)


def _words(vocabulary: object, ids: object) -> list[str]:
  """Returns words; sentinels and EOS are in angle brackets."""
  tokenizer = vocabulary.tokenizer  # type: ignore[attr-defined]
  pieces = [tokenizer.id_to_piece(int(i)) for i in ids]  # type: ignore[attr-defined]
  return ''.join(pieces).replace('▁', ' ').split()


def _short(text: str) -> str:
  return text if len(text) <= 100 else f'{text[:70]} … {text[-27:]}'


def _title(text: str) -> None:
  print(f'\n=== {text}\n')


if __name__ == '__main__':
  sys.exit(main())
