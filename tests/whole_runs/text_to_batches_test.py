"""Real text, T5's and mT5's vocabularies: from files to batches."""

import itertools
from pathlib import Path

import pytest
import seqio

from ul2_flan.pipelines import sources, ul2, verify
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.pipelines.storage.manifests import manifest_of
from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.tasks import denoising
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.register import register
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 512, 'targets': 512}


@pytest.mark.parametrize('preset', ['ul2', 'ul2r'])
@pytest.mark.parametrize('model', ['t5', 'mt5'])
def test_real_text(shared_data, tmp_path, model, preset):
  vocabulary_path = shared_data / 'vocab' / f'{model}.spiece.model'
  inputs = [shared_data / 'text' / 'code', shared_data / 'text' / 'en_parquet']
  inputs.append(shared_data / 'text/multilingual/multilingual.00000*')
  flags = ['--input', *map(str, inputs), '--vocabulary', str(vocabulary_path)]
  flags += ['--output', str(tmp_path), '--name', f'{model}_{preset}']
  flags += ['--preset', preset, '--validation_fraction', '0.01']
  assert ul2.main(flags) == 0
  assert verify.main([str(tmp_path)]) == 0
  manifest = manifest_of(str(tmp_path))
  counts = Counts(manifest.run['counts'])

  # The accounts, against the text itself.
  vocabulary = Vocabulary(vocabulary_path.read_bytes())
  texts = list(itertools.chain.from_iterable(map(read, inputs)))
  tokens = vocabulary.encode_block(texts)
  short = tokens.lengths < 16
  assert counts['documents/read'] == len(texts)
  assert counts['documents/dropped/too_short'] == short.sum()
  assert counts['tokens/read'] == tokens.offsets[-1]
  remainder = counts['tokens/dropped/remainder']
  assert counts['tokens/used'] + remainder == tokens.lengths[~short].sum()

  # What seqio reads restores every token that was used.
  (name,) = register(str(tmp_path))
  table = denoising.load_preset(preset)
  modes = denoising.MODE_TOKENS['nlu_s2s_nlg']
  prefixes = [vocabulary.encode(modes[d.mode]) for d in table.denoisers]
  restored = 0
  for split in ('train', 'validation'):
    dataset = seqio.get_mixture_or_task(name).get_dataset(
      LENGTHS, split, use_cached=True, shuffle=False, num_epochs=1
    )
    examples = list(dataset.as_numpy_iterator())
    assert len(examples) == manifest.data_sets[name][split].examples > 0
    bare = []
    for e in examples:
      inputs = e['inputs'].tolist()
      assert inputs.pop() == e['targets'][-1] == 1
      mode = next(p for p in prefixes if tuple(inputs[: len(p)]) == p)
      bare.append(inputs[len(mode) :])
    both = denoising.restore(
      Ragged.of(bare),
      Ragged.of([e['targets'][:-1] for e in examples]),
      vocabulary.sentinels,
    )
    restored += int(both.offsets[-1])
    # Each is a stretch of a document, to the token.
    text = tokens.values.tobytes()
    assert all(segment.tobytes() in text for segment in list(both)[:100])
  assert restored == counts['tokens/used']


def read(path: Path) -> list[str]:
  options = SourceOptions()
  found = []
  for file, size in find_sources([str(path)]):
    for piece in sources.split(file, size, 1 << 30, options):
      for block in sources.read(piece, options):
        found += block.texts
  return found
