"""Passes share a division, and each held-out document is in one of them."""

from collections import Counter
import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import corpora, outputs

from ul2_flan.pipelines import mix, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.run import Part
from ul2_flan.pipelines.ul2 import passes
from ul2_flan.tasks.manifest import Manifest

HERE = Engine(local_workers=1)
EPOCHS = 3


@given(
  counts=st.lists(st.integers(1, 4), min_size=1, max_size=5),
  epochs=st.integers(1, 4),
)
def test_parts_of_all_passes_follow_one_another(counts: list[int], epochs: int):
  firsts = [0, *itertools.accumulate(counts)]
  parts = [
    Part('a', i, (), first, n)
    for i, (first, n) in enumerate(zip(firsts, counts, strict=False))
  ]
  made = passes.repeated(parts, epochs)
  assert made[: len(parts)] == parts
  assert [part.index for part in made] == [*range(len(parts) * epochs)]
  shards = [
    part.first_shard + i for part in made for i in range(part.num_shards)
  ]
  assert shards == [*range(sum(counts) * epochs)]
  numbers = [passes.number_of(part, len(made), epochs) for part in made]
  assert numbers == sorted([*range(epochs)] * len(parts))


def test_a_held_out_document_is_in_one_pass():
  keys = np.arange(3000, dtype=np.uint64)
  held_out = keys % 3 == 0
  dropped = [
    passes.elsewhere(held_out, keys, k, EPOCHS, 0) for k in range(EPOCHS)
  ]
  kept = (held_out & ~np.array(dropped)).sum(axis=0)
  assert kept.tolist() == held_out.astype(int).tolist()
  shares = [(held_out & ~d).sum() / 1000 for d in dropped]
  assert shares == pytest.approx([1 / EPOCHS] * EPOCHS, abs=0.05)


def run_of(folder: Path, vocabulary: str, epochs: int, **more: int) -> Manifest:
  source = corpora.write(folder / 'in/a.jsonl', corpora.documents(40))
  config = ul2.Config(
    inputs=[source],
    vocabulary=vocabulary,
    preset='span_corruption',
    inputs_length=64,
    targets_length=64,
    min_shards=2 * epochs,
    validation_fraction=0.1,
    epochs=epochs,
    name=f'epochs_{epochs}',
    **more,
  )
  return ul2.run(config, output=str(folder / config.name), engine=HERE)


def examples_of(folder: Path, manifest: Manifest, split: str) -> list[list]:
  """The examples of each shard, as bytes."""
  return [
    outputs.read_shard(folder / manifest.name / shard.path)
    for shard in manifest.data_sets[manifest.name][split].shards
  ]


@pytest.mark.parametrize('join', [0, 128])
def test_each_pass_has_all_text_in_other_examples(
  tmp_path: Path, vocabulary_path: str, join: int
):
  one, three = (
    run_of(tmp_path, vocabulary_path, n, join_documents=join)
    for n in (1, EPOCHS)
  )
  first = examples_of(tmp_path, one, 'train')
  shards = examples_of(tmp_path, three, 'train')
  assert len(shards) == EPOCHS * len(first)
  # The first pass is what a run with one makes, byte for byte.
  assert shards[: len(first)] == first
  made = [example for shard in shards for example in shard]
  # A short tail has few masks.
  assert len({*made}) > 0.98 * len(made)
  # The denoiser is the same, so other segments are other cuts.
  by_pass = np.array_split(np.arange(len(shards)), EPOCHS)
  lengths = [
    Counter(len(e) for i in chosen.tolist() for e in shards[i])
    for chosen in by_pass
  ]
  assert lengths[0] != lengths[1] != lengths[2]
  counts, counts_of_one = (m.run['counts'] for m in (three, one))
  assert counts['documents']['read'] == EPOCHS * 40
  tokens = counts_of_one['tokens']['read']
  assert counts['tokens']['read'] == EPOCHS * tokens
  for number in range(EPOCHS):
    assert counts['passes'][f'{number}/documents'] == 40
    assert counts['passes'][f'{number}/tokens'] == tokens
  # Nobody validates on a document twice.
  dropped = counts['documents']['dropped/in_another_pass']
  held_out = dropped // (EPOCHS - 1)
  assert dropped % (EPOCHS - 1) == 0
  assert held_out > 0
  text = Path(tmp_path, three.name, 'summary.txt').read_text()
  assert '3 passes over the text, counted together:' in text


def test_a_mixture_repeats_none_before_all_are_used(
  tmp_path: Path, vocabulary_path: str
):
  made = run_of(tmp_path, vocabulary_path, EPOCHS, provenance=True)
  count = made.data_sets[made.name]['train'].examples
  for name, wanted in (('some', count - 5), ('more', count + 5)):
    config = mix.Config(
      manifests=[str(tmp_path / made.name)],
      mixture='ul2',
      num_examples=wanted,
      min_shards=1,
      name=name,
    )
    manifest = mix.run(config, output=str(tmp_path / name), engine=HERE)
    (examples,) = examples_of(tmp_path, manifest, 'train')
    uses = Counter(examples)
    assert sum(uses.values()) == wanted
    assert len(uses) == min(wanted, count)
    assert max(uses.values()) == (1 if wanted < count else 2)


def test_rejects_are_kept_once(tmp_path: Path, vocabulary_path: str):
  lines = corpora.documents(40) + b'no json\n'
  source = corpora.write(tmp_path / 'a.jsonl', lines)
  flags = ('--epochs=2', '--max_reject_fraction=0.1')
  assert corpora.run(source, tmp_path / 'out', vocabulary_path, *flags) == 0
  assert len(corpora.quarantined(tmp_path / 'out')) == 1
