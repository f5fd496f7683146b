"""A plan covers the sources, and has the shards that were asked for."""

import dataclasses
import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.buckets.fake_bucket import FakeClient
from support.corpora import documents, json_lines, write
from support.plans import ul2_plan

from ul2_flan.pipelines.ul2 import Config
from ul2_flan.pipelines.ul2.planning import make_plan
from ul2_flan.tasks import buckets
from ul2_flan.tasks.buckets.bucket import Bucket
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize('min_shards', [1, 3, 8])
def test_the_plan_covers_the_source_and_has_the_shards_asked_for(
  corpus: str, vocabulary_path: str, min_shards: int
):
  plan = ul2_plan(corpus, vocabulary_path, f'--min_shards={min_shards}')
  pieces = [p for item in plan.items for p in item.pieces]
  assert [p.start for p in pieces] == [0, *(p.stop for p in pieces)][:-1]
  assert plan.sources() == {corpus: Path(corpus).stat().st_size}
  (group,) = plan.groups.values()
  assert group.shards == pytest.approx(min_shards, abs=1)
  # As many of each denoiser.
  assert plan.num_shards == group.shards + 4
  assert plan.estimate['documents'] == pytest.approx(40, rel=0.1)
  again = ul2_plan(corpus, vocabulary_path, f'--min_shards={min_shards}')
  assert again.fingerprint == plan.fingerprint


def test_a_sample_that_gives_nothing_still_makes_a_sane_plan(
  tmp_path: Path, vocabulary_path: str
):
  rows = json_lines([{'text': 'short'}] * 2000)
  plan = ul2_plan(write(tmp_path / 'a.jsonl', rows), vocabulary_path)
  assert len(plan.items) <= 3


def test_a_parquet_file_without_rows_is_no_matter(
  corpus: str, tmp_path: Path, vocabulary_path: str
):
  schema = pa.schema([('text', pa.string())])
  pq.write_table(schema.empty_table(), tmp_path / '0.parquet')
  pq.ParquetWriter(tmp_path / '1.parquet', schema).close()  # of no row group
  empty = [str(tmp_path / '0.parquet'), str(tmp_path / '1.parquet')]
  plan = ul2_plan([*empty, corpus], vocabulary_path)
  assert plan.estimate['documents'] > 0
  with pytest.raises(UserError, match='there is no record at the start'):
    ul2_plan(empty, vocabulary_path)


def test_a_data_set_for_each_denoiser_has_rates(
  corpus: str, vocabulary_path: str
):
  plan = ul2_plan(corpus, vocabulary_path, '--per_denoiser', '--name=a:b')
  names = [f'a:b:{d}' for d in ('r_3_15', 's_50', 'x_32_15', 'x_3_50')]
  assert list(plan.data_sets) == names
  rates = plan.manifest['mixtures']['a:b']
  assert list(itertools.accumulate(rates.values()))[-1] == pytest.approx(1)
  assert rates['a:b:s_50'] == 0.5


def test_python_plans_as_the_command_does(corpus: str, vocabulary_path: str):
  config = Config(
    inputs=[corpus],
    vocabulary=vocabulary_path,
    inputs_length=64,
    targets_length=64,
    min_shards=2,
    validation_fraction=0.1,
  )
  planned = make_plan(config)
  assert planned.plan == ul2_plan(corpus, vocabulary_path)
  assert 's_50' in planned.outline
  assert not planned.missing


def test_empty_files_are_told(tmp_path: Path, vocabulary_path: str):
  empty = write(tmp_path / 'a.jsonl', b'')
  with pytest.raises(UserError, match=r'all files of .*a\.jsonl are empty'):
    ul2_plan(empty, vocabulary_path)


@pytest.mark.parametrize('fraction', [0.0, 0.1])
def test_without_a_fraction_there_is_no_validation_split(
  corpus: str, vocabulary_path: str, fraction: float
):
  flag = f'--validation_fraction={fraction}'
  plan = ul2_plan(corpus, vocabulary_path, flag)
  assert bool(plan.groups['ul2r'].validation_shards) == bool(fraction)


def test_the_manifest_names_the_features(corpus: str, vocabulary_path: str):
  plan = ul2_plan(corpus, vocabulary_path, '--provenance', '--decoder_only')
  features = plan.manifest['features']
  assert features['inputs']['add_eos'] is False
  assert features['targets'] == {
    'dtype': 'int32',
    'length': 64,
    'add_eos': True,
  }
  assert features['provenance/key'] == {'dtype': 'string'}
  assert plan.manifest['decoder_only'] is True


def test_what_is_left_out_of_a_clone_is_told(tmp_path, vocabulary_path):
  write(tmp_path / 'a.jsonl', documents(5))
  write(tmp_path / 'README.md', b'# A card')
  config = Config(inputs=[str(tmp_path)], vocabulary=vocabulary_path)
  planned = make_plan(config)
  assert list(planned.plan.sources()) == [f'{tmp_path}/a.jsonl']
  assert planned.facts == {'not_data': [f'{tmp_path}/README.md']}
  assert planned.outline.endswith(
    f'not data, so not read: {tmp_path}/README.md. Name a file to read it'
  )
  named = dataclasses.replace(config, inputs=[str(tmp_path / 'a.jsonl')])
  assert not make_plan(named).facts


def test_ten_thousand_files_in_a_bucket_take_few_calls(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch
):
  client = FakeClient()
  text = documents(3)
  client.objects = {f'gs://b/in/{i:05}.jsonl': text for i in range(10_000)}
  bucket = Bucket(client)
  monkeypatch.setattr(buckets, 'bucket_of', lambda path: bucket)
  plan = ul2_plan('gs://b/in/*.jsonl', vocabulary_path)
  assert len(plan.sources()) == 10_000
  # Some ten pages of a listing, and two calls for each place that is looked at.
  assert len(client.calls) <= 30
