"""Names under which people load the data sets of a run."""

from ul2_flan.pipelines.launch.cards.configs import Configs
from ul2_flan.tasks.manifest import Shard, Split, shard_path


def configs_of(
  *names: str, file_format: str = 'parquet'
) -> dict[str, dict[str, str]]:
  """The paths of each configuration of data sets with two shards a split."""
  configs = Configs()
  for name in names:
    configs.add(
      {
        name: {
          split: Split(
            tuple(
              Shard(shard_path(name, split, i, 2, file_format), 1, 9, '')
              for i in range(2)
            ),
            {'examples': 2},
          )
          for split in ('train', 'validation')
        }
      }
    )
  assert sum(configs.examples.values()) == 4 * len(names)
  return {config.name: dict(config.paths) for config in configs}


def test_one_data_set_is_one():
  assert configs_of('ul2r', file_format='tfrecord') == {
    'ul2r': {
      'train': 'ul2r/train.tfrecord-*',
      'validation': 'ul2r/validation.tfrecord-*',
    }
  }


def test_several_may_be_loaded_together_or_one_by_one():
  found = configs_of('ul2r:a', 'ul2r:b')
  assert list(found) == ['ul2r', 'ul2r-a', 'ul2r-b']
  assert found['ul2r']['train'] == 'ul2r/**/train-*.parquet'
  assert found['ul2r-b']['validation'] == 'ul2r/b/validation-*.parquet'


def test_thousands_are_loaded_by_suite_and_setting():
  names = [
    f'flan:{suite}:task{i}:{setting}'
    for suite in ('cot', 'niv2')
    for i in range(900)
    for setting in ('zs_opt', 'fs_opt')
  ]
  found = configs_of(*names)
  assert len(found) == 5
  assert found['flan-niv2-fs_opt']['train'] == (
    'flan/niv2/*/fs_opt/train-*.parquet'
  )
