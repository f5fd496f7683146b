"""Plans of searches: parts of all runs, and one that adds up."""

import dataclasses
from pathlib import Path
import shutil

import pytest
from support import manifests
from support.outputs import manifest_of

from ul2_flan.pipelines import contamination
from ul2_flan.pipelines.contamination.planning import TALLY
from ul2_flan.pipelines.contamination.texts.find_texts import SHARD
from ul2_flan.pipelines.verification import listing
from ul2_flan.tasks.errors import UserError


def test_documents_are_read_or_examples(made):
  plan = made.plan()
  assert [*plan.groups] == ['ul2r', 'flan', TALLY]
  kinds = {p.kind for part in plan.parts('ul2r') for p in part.pieces}
  assert kinds == {'jsonl'}
  shards = [
    f'{made.runs["flan"]}/{shard.path}'
    for shard in listing.shards_of(manifest_of(Path(made.runs['flan'])))
  ]
  found = [p for part in plan.parts('flan') for p in part.pieces]
  assert [p.path for p in found] == shards
  assert plan.items[-1].parts[0].group == TALLY
  of_examples = made.plan('ul2r', examples=True)
  assert {p.kind for i in of_examples.items for p in i.pieces} == {SHARD}
  assert plan.config['evaluation']['items'] == 8


def test_runs_of_one_name_are_told_apart(made):
  plan = made.plan('flan', 'flan')
  assert [*plan.groups] == ['flan', 'flan_2', TALLY]


def test_what_is_no_run_to_search_is_refused(made, tmp_path):
  flan = made.runs['flan']
  for config, said in (
    (made.config(), 'would replace what it reads'),
    (
      dataclasses.replace(made.config(), manifests=[made.suites]),
      '--manifest.*no model trains on it',
    ),
    (
      dataclasses.replace(made.config(), evaluation=flan),
      '--evaluation.*is of a run of flan: give the output of one of eval',
    ),
    (
      dataclasses.replace(made.config(), manifests=[str(tmp_path)]),
      '--manifest.*there is no',
    ),
  ):
    output = flan if 'replace' in said else 'out'
    with pytest.raises(UserError, match=said):
      contamination.plan(config, output=output)


def test_documents_that_changed_are_refused(made, tmp_path):
  run = shutil.copytree(made.runs['ul2r'], tmp_path / 'run')
  manifest = manifest_of(run)
  (path,) = manifest.run['sources']
  changed = dataclasses.replace(
    manifest, run={**manifest.run, 'sources': {path: 1}}
  )
  (run / 'manifest.json').write_bytes(manifests.to_json(changed))
  config = dataclasses.replace(made.config(), manifests=[str(run)])
  with pytest.raises(UserError, match=r'a\.jsonl.*of another size.*--examples'):
    contamination.plan(config, output='out')
  config = dataclasses.replace(config, examples=True)
  assert contamination.plan(config, output='out').plan.items
