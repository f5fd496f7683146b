"""Plans of exports: a shard in, a shard out."""

import dataclasses

import pytest
from support import manifests, tiny_manifests

from ul2_flan.pipelines import export
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.pipelines.verification import listing
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize('name', ['enc_dec', 'decoder', 'enc_dec_packed'])
def test_each_shard_has_a_part(runs, name: str):
  run = str(runs[name])
  config = export.Config(manifest=run, format='parquet')
  plan = export.plan(config, output='out').plan
  manifest = manifest_of(run)
  shards = listing.shards_of(manifest)
  assert plan.sources() == {f'{run}/{s.path}': s.bytes for s in shards}
  parts = [part for item in plan.items for part in item.parts]
  assert len(parts) == len(shards) == plan.num_shards
  assert plan.estimate['examples'] == sum(s.records for s in shards)
  assert not any(group.joins for group in plan.groups.values())
  for data_set, splits in manifest.data_sets.items():
    assert list(plan.groups[data_set].splits) == list(splits)


def test_the_output_is_not_that_of_the_run(runs):
  config = export.Config(manifest=str(runs['enc_dec']), format='parquet')
  with pytest.raises(UserError, match='would replace what it reads'):
    export.plan(config, output=f'{runs["enc_dec"]}/')


def test_a_run_that_is_not_there_is_told_with_the_flag(tmp_path):
  config = export.Config(manifest=str(tmp_path), format='parquet')
  with pytest.raises(UserError, match=r'--manifest.*there is no'):
    export.plan(config, output='out')


def test_a_run_without_shards_is_refused(tmp_path):
  run = dataclasses.replace(
    tiny_manifests.MANIFEST,
    data_sets={},
    run={**tiny_manifests.MANIFEST.run, 'plan': 'a fingerprint'},
  )
  (tmp_path / 'manifest.json').write_bytes(manifests.to_json(run))
  config = export.Config(manifest=str(tmp_path), format='parquet')
  with pytest.raises(UserError, match='has no shards to export'):
    export.plan(config, output='out')
