"""Croissant's own library finds nothing wrong with the metadata."""

import dataclasses
import json
from pathlib import Path

import pytest
from support.tiny_plans import PLAN

from ul2_flan.pipelines.launch.cards import croissant
from ul2_flan.pipelines.launch.cards.configs import Configs
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.tasks.manifest import Shard, Split, shard_path

ORIGIN = Origin.of([('', 'mine'), ('MIT', 'a')], ['fi', 'en'])
EXPORT = dataclasses.replace(
  PLAN, manifest={**PLAN.manifest, 'run': {'format': 'parquet'}}
)


def metadata(plan) -> dict:
  configs = Configs()
  for name in ('g:a', 'g:b'):
    path = shard_path(name, 'train', 0, 1, plan.file_format)
    split = Split((Shard(path, 7, 9, ''),), {'examples': 7})
    configs.add({name: {'train': split}})
  made: dict = json.loads(json.dumps(croissant.metadata(plan, configs, ORIGIN)))
  return made


def test_an_export_has_records_and_a_run_has_files():
  assert 'recordSet' not in metadata(PLAN)
  found = metadata(EXPORT)
  ids = {file_set['@id'] for file_set in found['distribution']}
  assert len(ids) == len(found['recordSet']) == 3
  for record_set in found['recordSet']:
    assert len(record_set['field']) == len(PLAN.manifest['features'])
    for field in record_set['field']:
      assert field['source']['fileSet']['@id'] in ids
  assert not any('date' in key.lower() for key in found)


# Its own libraries warn of themselves.
@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('plan', [PLAN, EXPORT])
def test_mlcroissant_validates_it(tmp_path: Path, plan):
  import mlcroissant

  path = tmp_path / 'croissant.json'
  path.write_text(json.dumps(metadata(plan)))
  dataset = mlcroissant.Dataset(jsonld=str(path))
  assert not dataset.metadata.ctx.issues.errors
  recommended = {
    line.split('"')[1] for line in dataset.metadata.ctx.issues.warnings
  }
  # Neither is known to a run: a date would change its bytes.
  assert {name.rsplit('/', 1)[-1] for name in recommended} <= {
    'citeAs', 'datePublished', 'url'
  }  # fmt: skip
