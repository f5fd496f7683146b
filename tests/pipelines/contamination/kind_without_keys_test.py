"""What a search finds, the runs made anew leave out, and count."""

import dataclasses
import json
from pathlib import Path

import pytest
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import contamination, flan, mix, ul2, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.run import Counts
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)


def touched(
  made, folder: Path, *runs: Path, examples: bool = False
) -> set[str]:
  """The items that runs touch."""
  config = contamination.Config(
    manifests=[*map(str, runs)], evaluation=made.suites, examples=examples
  )
  contamination.run(config, output=str(folder), engine=ONE)
  items = folder / 'contamination/items/test-00000-of-00001.jsonl'
  lines = map(json.loads, items.read_text().splitlines())
  return {line['id'] for line in lines if line['touched']}


def counts_of(run: Path) -> Counts:
  return Counts(manifest_of(run).run['counts'])


def keys(run: Path) -> list[str]:
  return sorted(
    records.decode_example(record)['provenance/key'][0].decode()
    for data_set, splits in manifest_of(run).data_sets.items()
    for split in splits
    for record in records_of(run, data_set, split)
  )


def test_documents_and_rows_are_left_out(made, report, tmp_path):
  clean = {name: tmp_path / name for name in made.runs}
  without = str(report)
  config = dataclasses.replace(made.ul2, without_keys=without)
  ul2.run(config, output=str(clean['ul2r']), engine=ONE)
  config = dataclasses.replace(made.flan, without_keys=without)
  flan.run(config, output=str(clean['flan']), engine=ONE)
  assert touched(made, tmp_path / 'again', *clean.values()) == set()
  assert counts_of(clean['ul2r'])['documents/dropped/left_out_by_key'] == 4
  task = 'niv2:task190_snli_classification'
  counts = counts_of(clean['flan'])
  assert counts[f'{task}/dropped/left_out_by_key'] >= 1
  for run in clean.values():
    assert verify.verify(str(run), quick=False).problems == []
  left = set(keys(Path(made.runs['flan']))) - set(keys(clean['flan']))
  listed = (report / 'contamination/keys/test-00000-of-00001.jsonl').read_text()
  assert left
  assert all(key in listed for key in left)


@pytest.mark.parametrize('pack', ['', 'enc_dec'])
def test_examples_of_a_mixture_are_left_out(made, tmp_path, pack: str):
  runs = [Path(run) for run in made.runs.values()]
  assert touched(made, tmp_path / 'report', *runs, examples=True)
  config = mix.Config(
    manifests=[*made.runs.values()], mixture='ul2r_flan2022', pack=pack,
    include=['*'], min_shards=2, epochs=2,
  )  # fmt: skip
  mix.run(config, output=str(tmp_path / 'all'), engine=ONE)
  config = dataclasses.replace(config, without_keys=str(tmp_path / 'report'))
  mix.run(config, output=str(tmp_path / 'clean'), engine=ONE)
  whole, clean = (counts_of(tmp_path / name) for name in ('all', 'clean'))
  left_out = clean['mix/train/left_out_by_key']
  assert left_out > 0
  assert whole['mix/train/examples'] == (clean['mix/train/examples'] + left_out)
  assert verify.verify(str(tmp_path / 'clean'), quick=False).problems == []
  assert 'left out by key' in (tmp_path / 'clean/summary.txt').read_text()
  if not pack:
    assert touched(made, tmp_path / 'again', tmp_path / 'clean') == set()
    assert set(keys(tmp_path / 'clean')) < set(keys(tmp_path / 'all'))


def test_a_mixture_of_examples_without_keys_is_refused(made, report, tmp_path):
  config = dataclasses.replace(made.flan, provenance=False)
  flan.run(config, output=str(tmp_path / 'flan'), engine=ONE)
  config = mix.Config(
    manifests=[str(tmp_path / 'flan')], mixture='niv2', include=['*'],
    without_keys=str(report),
  )  # fmt: skip
  with pytest.raises(UserError, match=r'have no keys.*with --provenance'):
    mix.plan(config, output=str(tmp_path / 'out'))


def test_keys_of_the_other_kind_are_refused(made, report, tmp_path):
  config = mix.Config(
    manifests=[*made.runs.values()], mixture='ul2r_flan2022',
    include=['*'], without_keys=str(report),
  )  # fmt: skip
  with pytest.raises(UserError, match=r'of documents.* anew with --examples'):
    mix.plan(config, output=str(tmp_path / 'out'))
  contamination.run(
    made.config('ul2r', examples=True), output=str(tmp_path / 'r'), engine=ONE
  )
  text = dataclasses.replace(made.ul2, without_keys=str(tmp_path / 'r'))
  with pytest.raises(UserError, match=r'of examples.* anew without --exam'):
    ul2.plan(text, output=str(tmp_path / 'out'))


def test_a_run_of_another_kind_is_no_report(made, tmp_path):
  config = dataclasses.replace(made.flan, without_keys=made.suites)
  with pytest.raises(UserError, match='is of a run of evaluation: give'):
    flan.plan(config, output=str(tmp_path / 'out'))
