"""The end of a run writes group by group, and never holds all groups."""

from pathlib import Path
import tracemalloc

import pytest
from support import manifests
from support.tiny_plans import plan_of_sizes, report_of, write_shards

from ul2_flan.pipelines.launch import finish, resume
from ul2_flan.pipelines.launch.manifest.finished import is_complete
from ul2_flan.pipelines.run import (
  Budget,
  Counts,
  Group,
  ItemShard,
  Part,
  Plan,
  Report,
  division,
  reports,
)
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks import catalog
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


def finished(folder: Path, tasks: int, shards: int = 1) -> int:
  """Bytes at the peak of finishing a run of so many tasks."""
  names = [t.name for t in catalog.tasks(suite='niv2')][:tasks]
  parts = [
    Part(name, 0, (Piece(name, 'niv2', 0, 9, 9),), 0, shards) for name in names
  ]
  plan = Plan(
    'flan',
    {
      'name': 'n',
      'tasks': {name: {} for name in names},
      'settings': ['zs_opt'],
    },
    division.items_of(parts, 90),
    {name: Group((f'n:{name}:zs_opt',), 1, shards, 0) for name in names},
    {'rows': 0, 'bytes': 0},
    {
      'name': 'n',
      'features': {'inputs': {'dtype': 'int32'}},
      'vocabulary': manifests.VOCABULARY,
      'decoder_only': False,
    },
  )
  output = str(folder)
  resume.begin(output, plan)
  for item in plan.items:
    counts = Counts()
    written = []
    for part in item.parts:
      data_set = f'n:{part.group}:zs_opt'
      for i in range(shards):
        path = manifest_lib.shard_path(data_set, 'train', i, shards)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(bytes(9))
        shard = ItemShard(data_set, 'train', i, path, 1, 9, '0badcafe')
        written.append(shard)
      counts.add(f'{part.group}/read', shards)
      counts.add(f'{part.group}/used', shards)
      counts.add(f'{data_set}/rows', shards)
      counts.add(f'{data_set}/rendered', shards)
      counts.add(f'{data_set}/data/train/all/examples', shards)
      for i in range(40):
        counts.add(f'{data_set}/wordings/zero_shot {i}')
    report = Report(item.index, plan.fingerprint, tuple(written), counts)
    reports.write(report, output)
  tracemalloc.start()
  try:
    finish.finish(output, plan, Budget(0.01))
    return tracemalloc.get_traced_memory()[1]
  finally:
    tracemalloc.stop()


def test_memory_does_not_grow_with_the_counts_of_groups(tmp_path):
  finished(tmp_path / 'warm', 20)
  few = finished(tmp_path / 'few', 100)
  many = finished(tmp_path / 'many', 400)
  # A task leaves its name, where its rows are, and a rate in memory. Its lines
  # in the manifest have two kilobytes.
  size = (tmp_path / 'many' / 'manifest.json').stat().st_size
  assert size > 400 * 1500
  assert many - few < 300 * 1000


@pytest.mark.parametrize('shards', [1, 3])
def test_all_groups_are_in_the_manifest(tmp_path, shards: int):
  finished(tmp_path, 25, shards)
  found = manifest_lib.parse((tmp_path / 'manifest.json').read_bytes(), '')
  names = [t.name for t in catalog.tasks(suite='niv2')][:25]
  assert list(found.data_sets) == [f'n:{name}:zs_opt' for name in names]
  for splits in found.data_sets.values():
    assert len(splits['train'].shards) == splits['train'].examples == shards
  assert found.run['counts'].keys() == {*names, *found.data_sets}
  assert f'{25 * shards:,}' in (tmp_path / 'summary.txt').read_text()


@pytest.mark.parametrize('left', [None, 0, 8, 10])
def test_nothing_is_complete_while_a_shard_is_not_as_reported(tmp_path, left):
  output = str(tmp_path)
  plan = plan_of_sizes([1, 1], groups={'g': Group(('g:a', 'g:b'), 2, 2, 0)})
  resume.begin(output, plan)
  for item in plan.items:
    report = report_of(plan, item.index)
    for name in ('read', 'used'):
      report.counts.add(f'tokens/{name}', 2)
    for name in plan.data_sets:
      report.counts.add(f'{name}/data/train/all/source_tokens', 1)
    write_shards(report, tmp_path)
    reports.write(report, output)
  shard = tmp_path / report.shards[1].path
  shard.unlink() if left is None else shard.write_bytes(bytes(left))
  with pytest.raises(UserError, match=r'(?s)1 files .*b/train.*same command'):
    finish.finish(output, plan, Budget())
  assert not [*tmp_path.rglob('COMPLETED')]
  # The item that wrote it is to be done again, and no other.
  assert resume.unfinished(output, plan) == [1]
  write_shards(report, tmp_path)
  reports.write(report, output)
  finish.finish(output, plan, Budget())
  assert is_complete(output, plan)
