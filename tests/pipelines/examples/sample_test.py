"""A sample has some of every group, however many data sets there are."""

import dataclasses
from pathlib import Path
import shutil

from hypothesis import given, settings
from hypothesis import strategies as st
from support.manifests import to_json

from ul2_flan.pipelines import examples
from ul2_flan.pipelines.examples import sample
from ul2_flan.pipelines.examples.kinds import held
from ul2_flan.tasks.manifest import Manifest, Shard, Split

# Suite, setting, and how many shards with and without records.
_SETS = st.dictionaries(
  st.tuples(
    st.sampled_from(['cot', 'niv2']),
    st.integers(0, 99),
    st.sampled_from(['zs_opt', 'fs_opt']),
  ),
  st.lists(st.integers(0, 2), max_size=4),
  max_size=30,
)


@settings(max_examples=40)
@given(_SETS, st.integers(1, 5))
def test_each_group_with_records_has_up_to_so_many_shards(made, most):
  data_sets = {
    f'f:{suite}:t{number}:{setting}': {
      'train': Split(
        tuple(
          Shard(f'{suite}{number}{setting}{i}', n, 9, '')
          for i, n in enumerate(records)
        ),
        {'examples': sum(records)},
      )
    }
    for (suite, number, setting), records in made.items()
  }
  manifest = Manifest('f', {}, {}, False, data_sets, {}, {})
  chosen = sample.choose(manifest, most=most)
  full: dict[str, int] = {}
  for name, splits in data_sets.items():
    full_shards = sum(1 for s in splits['train'].shards if s.records)
    full[held(name).group] = full.get(held(name).group, 0) + full_shards
  expected = {group: min(n, most) for group, n in full.items() if n}
  assert {group: len(found) for group, found in chosen.items()} == expected
  for found in chosen.values():
    assert len({shard.path for _, shard in found}) == len(found)
    assert all(shard.records for _, shard in found)


def test_records_are_read_up_to_what_is_wrong(tmp_path: Path, shown_runs):
  source = shown_runs['flan']
  output = Path(shutil.copytree(source.output, tmp_path / 'run'))
  name = 'flan:cot:gsm8k:zs_opt'
  only = {name: source.manifest.data_sets[name]}
  manifest = dataclasses.replace(source.manifest, data_sets=only)
  (output / 'manifest.json').write_bytes(to_json(manifest))
  run = examples.load(str(output))
  (whole,) = sample.read(run)['cot · zs_opt']
  assert len(whole.examples) == only[name]['train'].examples
  assert not whole.problem
  path = output / whole.path
  path.write_bytes(path.read_bytes()[:-1])
  (short,) = sample.read(run)['cot · zs_opt']
  assert len(short.examples) == len(whole.examples) - 1
  assert 'cut off' in short.problem
  path.unlink()
  (missing,) = sample.read(run)['cot · zs_opt']
  assert not missing.examples
  assert whole.path in missing.problem


def test_a_run_without_training_split_shows_the_one_it_has():
  made = Split((Shard('a', 3, 9, ''),), {'examples': 3})
  manifest = Manifest('e', {}, {}, False, {'e:a': {'test': made}}, {}, {})
  assert sample.main_split(manifest) == 'test'
  assert sample.choose(manifest) == {'e:a': [('e:a', made.shards[0])]}
  both = Manifest(
    'e', {}, {}, False, {'e:a': {'dev': made, 'train': made}}, {}, {}
  )
  assert sample.main_split(both) == 'train'
