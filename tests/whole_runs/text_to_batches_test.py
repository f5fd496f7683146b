"""Real text, T5's and mT5's vocabularies: from files to batches."""

from collections.abc import Mapping
import dataclasses
import gzip
from pathlib import Path
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
import seqio
from support.corpora import blocks_of, write

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks import denoising
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.ragged import Int32s, Ragged
from ul2_flan.tasks.register import register
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 512, 'targets': 512}


@dataclasses.dataclass
class Corpus:
  """Files of text, and what a vocabulary makes of them by itself.

  Attributes:
    files: the files.
    model: the vocabulary's file.
    vocabulary: the vocabulary.
    tokens: a sequence for each document.
    names: of each document, as provenance has them.
  """

  files: list[Path]
  model: Path

  def __post_init__(self) -> None:
    self.vocabulary = Vocabulary(self.model.read_bytes())
    blocks = [block for file in self.files for block in blocks_of(str(file))]
    texts = [text for block in blocks for text in block.texts]
    self.tokens = self.vocabulary.encode_block(texts)
    self.names = [f'{b.source}:{i}' for b in blocks for i in b.places]


@pytest.fixture(scope='module')
def files(shared_data, tmp_path_factory) -> list[Path]:
  """Every third document of some files: code, English, many languages."""
  folder = tmp_path_factory.mktemp('text')
  names = ('code/*', 'multilingual/multilingual.00000*')
  lines = [file for name in names for file in shared_data.glob(f'text/{name}')]
  for file in lines:
    with gzip.open(file) as f:
      write(folder / file.name, b''.join(f.readlines()[::3]))
  (rows,) = shared_data.glob('text/en_parquet/*')
  table = pq.read_table(rows)
  some = table.take([*range(0, len(table), 3)])
  pq.write_table(some, folder / rows.name, row_group_size=50)
  return sorted(folder.iterdir())


@pytest.fixture(scope='module', params=['t5', 'mt5'])
def corpus(request, shared_data, files) -> Corpus:
  model = shared_data / 'vocab' / f'{request.param}.spiece.model'
  return Corpus(files, model)


@pytest.mark.parametrize(('preset', 'join'), [('ul2', 128), ('ul2r', 0)])
def test_every_token_comes_back(corpus, preset, join, tmp_path):
  flags = ['--input', *map(str, corpus.files), '--output', str(tmp_path)]
  flags += ['--vocabulary', str(corpus.model)]
  flags += ['--name', f'{corpus.model.name.split(".")[0]}_{preset}']
  flags += ['--preset', preset, '--validation_fraction', '0.01']
  flags += ['--join_documents', str(join), '--provenance']
  assert ul2.main(flags) == 0
  assert verify.main([str(tmp_path)]) == 0
  manifest = manifest_of(str(tmp_path))
  counts = Counts(manifest.run['counts'])
  check_accounts(counts, corpus.tokens, joined=join > 0)
  (name,) = register(str(tmp_path))
  assert restored(name, preset, manifest, corpus) == counts['tokens/used']


def check_accounts(counts: Counts, tokens: Ragged, *, joined: bool) -> None:
  """What a run counted is so by the text itself."""
  short = tokens.lengths < (0 if joined else 16)
  assert counts['documents/read'] == len(tokens)
  if not joined:
    assert counts['documents/dropped/too_short'] == short.sum()
  assert counts['tokens/read'] == tokens.offsets[-1]
  remainder = counts['tokens/dropped/remainder']
  assert counts['tokens/used'] + remainder == tokens.lengths[~short].sum()
  if joined:
    assert remainder < 0.001 * counts['tokens/used']


def restored(name: str, preset: str, manifest: Manifest, corpus: Corpus) -> int:
  """How many tokens of the text come back from what seqio reads."""
  vocabulary = corpus.vocabulary
  table = denoising.load_preset(preset)
  modes = denoising.MODE_TOKENS['nlu_s2s_nlg']
  prefixes = [vocabulary.encode(modes[d.mode]) for d in table.denoisers]
  documents = dict(zip(corpus.names, corpus.tokens, strict=True))
  found = 0
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
    found += int(both.offsets[-1])
    for segment, e in zip(both, examples, strict=True):
      check_segment(segment, e['provenance/source'].decode(), documents)
  return found


def check_segment(
  segment: Int32s, source: str, documents: Mapping[str, Int32s]
) -> None:
  """It is a stretch of its document or documents, to the token."""
  if source in documents:
    assert segment.tobytes() in documents[source].tobytes()
    return
  expected = []
  for line in source.splitlines():
    name, start, stop = re.split(r'\[|:(?=\d+$)', line.rstrip(']'))
    expected.append(documents[name][int(start) : int(stop)])
  assert segment.tolist() == np.concatenate(expected).tolist()
