"""A mix run takes what it planned to take, to the example."""

import collections

import pytest
from support import corpora
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import mix, ul2
from ul2_flan.tasks.manifest import Manifest


def members_of(manifest: Manifest, split: str) -> dict[str, int]:
  members = manifest.run['config']['members'][split]
  return {name: count for name, (_, _, count) in members.items()}


@pytest.mark.parametrize('epochs', [1, 3])
def test_rates_are_exact_to_the_example(flags, flan_run, tmp_path, epochs):
  assert mix.main(flags('out', f'--epochs={epochs}')) == 0
  planned = members_of(manifest_of(tmp_path / 'out'), 'train')
  assert sum(planned.values()) == 700
  mixed = records_of(tmp_path / 'out', 'flan2022_b_mixed', 'train')
  assert len(mixed) == epochs * 700
  # Data sets differ in all their examples, but a member's may be equal.
  owner = {}
  for name in planned:
    for record in records_of(flan_run, name, 'train'):
      owner[record] = name
  for epoch in range(epochs):
    one_epoch = mixed[epoch * 700 : (epoch + 1) * 700]
    assert collections.Counter(owner[r] for r in one_epoch) == {
      name: count for name, count in planned.items() if count
    }
    seen = collections.Counter(mixed[: (epoch + 1) * 700])
    for name in planned:
      copies = collections.Counter(records_of(flan_run, name, 'train'))
      times = [seen[r] / n for r, n in copies.items()]
      assert max(times) - min(times) <= 1


def test_validation_examples_are_there_once(flags, flan_run, tmp_path):
  assert mix.main(flags('out', '--num_validation_examples=30')) == 0
  mixed = records_of(tmp_path / 'out', 'flan2022_b_mixed', 'validation')
  planned = members_of(manifest_of(tmp_path / 'out'), 'validation')
  assert 0 < len(mixed) == sum(planned.values()) <= 30
  there = collections.Counter(
    r for name in planned for r in records_of(flan_run, name, 'validation')
  )
  assert not collections.Counter(mixed) - there
  assert mix.main(flags('none', '--num_validation_examples=0')) == 0
  assert set(manifest_of(tmp_path / 'none').data_sets['flan2022_b_mixed']) == {
    'train'
  }


def test_a_mix_may_want_nothing_of_a_shard(tmp_path, vocabulary_path):
  run, mixed = tmp_path / 'run', tmp_path / 'mixed'
  text = corpora.write(tmp_path / 'text.jsonl', corpora.documents(40))
  flags = [f'--input={text}', f'--vocabulary={vocabulary_path}']
  flags += [*corpora.SMALL, '--min_shards=8', '--per_denoiser']
  assert ul2.main([*flags, f'--output={run}']) == 0
  flags = [f'--manifest={run}', '--mixture=ul2r', '--num_examples=8']
  assert mix.main([*flags, '--min_shards=1', f'--output={mixed}']) == 0
  made = manifest_of(run).data_sets['ul2r:r_3_15']
  assert len([s for s in made['train'].shards if s.records]) > 3
  (data_set,) = manifest_of(mixed).data_sets
  assert len(records_of(mixed, data_set, 'train')) == 8
