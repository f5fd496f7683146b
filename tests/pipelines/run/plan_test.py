"""Plans come back from their files, those of the version before too."""

import dataclasses
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.tiny_plans import group_of, pieces_of, plan_of

from ul2_flan.pipelines.run import Group, division, paths
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

JSON = st.recursive(
  st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
  lambda inner: (
    st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.lists(inner, max_size=3)
  ),
  max_leaves=8,
)


@given(count=st.integers(1, 60), shards=st.integers(1, 60))
def test_parts_of_the_validation_split_go_to_shards_in_order(count, shards):
  shards = min(count, shards)
  parts = division.divide('g', pieces_of([1] * count), 1, 0)
  group = group_of(parts, shards)
  found = [group.validation_shard(part.index) for part in parts]
  assert found == sorted(found)
  assert set(found) == set(range(shards))
  assert group.joins == (shards < count)


@given(
  count=st.integers(1, 20),
  shards=st.integers(1, 20),
  denoisers=st.integers(1, 9),
)
def test_validation_shards_are_of_one_denoiser_each(count, shards, denoisers):
  shards = min(count, shards)
  parts = division.divide('g', pieces_of([1] * count), 1, 0)
  alone = group_of(parts, shards)
  group = dataclasses.replace(
    alone, validation_shards=shards * denoisers, denoisers=denoisers
  )
  assert group.joins == alone.joins
  assert [
    group.validation_shard(file) for file in range(group.validation_files)
  ] == [
    denoiser * shards + alone.validation_shard(part)
    for denoiser in range(denoisers)
    for part in range(count)
  ]


@given(
  config=st.dictionaries(st.text(max_size=3), JSON, max_size=4),
  split=st.sampled_from(['train', 'test']),
  denoisers=st.integers(1, 3),
)
def test_a_plan_comes_back_from_its_file(config, split, denoisers):
  parts = division.divide('g', pieces_of([3, 4]), 5, 1)
  group = group_of(parts)
  groups = {'g': dataclasses.replace(group, split=split, denoisers=denoisers)}
  plan = plan_of(parts, config=config, groups=groups)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(files, 'read_bytes', lambda _: plan.to_json())
    loaded = plan_lib.load('plan.json', plan.fingerprint)
  assert loaded == plan
  assert loaded.fingerprint == plan.fingerprint


@pytest.mark.parametrize(
  'change',
  [
    {'config': {'seed': 1}},
    {'groups': {'g': Group(('a', 'b'), 2, 2, 1)}},
    {'groups': {'g': Group(('a', 'c'), 2, 2, 2)}},
    {'groups': {'g': Group(('g:a', 'g:b'), 2, 2, 2, 'test')}},
    {'items': ()},
  ],
)
def test_the_fingerprint_changes_with_the_plan(change):
  plan = plan_of(division.divide('g', pieces_of([3, 4]), 5, 1))
  assert plan_of(plan.parts('g')).fingerprint == plan.fingerprint
  assert dataclasses.replace(plan, **change).fingerprint != plan.fingerprint


def test_a_fingerprint_is_worked_out_once():
  # Each of ten thousand reports is compared with it.
  plan = plan_of(division.divide('g', pieces_of([1, 2]), 1, 0.0))
  assert plan.fingerprint is plan.fingerprint


def test_sources_are_whole_files(tmp_path: Path):
  pieces = [Piece('a', 'jsonl', 0, 5, 5), Piece('a', 'jsonl', 5, 9, 4)]
  plan = plan_of(division.divide('g', [*pieces, *pieces_of([3])], 4, 1))
  assert plan.sources() == {'a': 9, 'f0': 3}
  assert paths.plan_path(str(tmp_path)) == str(tmp_path / '_progress/plan.json')


# Fingerprints of plans that the version before this one wrote. If they change,
# nobody can resume a run that it began.
WRITTEN = {
  'ul2': '6b4c37ed4d0064c7',
  'flan': '4d5b64c2a753737a',
  'mix': '31730cd7fdf614b9',
}


@pytest.mark.parametrize('kind', WRITTEN)
def test_a_plan_of_the_version_before_is_read(kind: str):
  path = Path(__file__).with_name('plans') / f'{kind}.json'
  plan = plan_lib.load(str(path), WRITTEN[kind])
  assert plan.kind == kind
  assert plan.to_json() == path.read_bytes()
  assert plan.data_sets
  assert [item.index for item in plan.items] == list(range(len(plan.items)))
  if kind != 'mix':  # which reads shards, by its configuration
    assert plan.sources()


def test_a_plan_that_took_anothers_place_is_refused(tmp_path: Path):
  path = tmp_path / 'plan.json'
  path.write_bytes(plan_of([]).to_json())
  with pytest.raises(RuntimeError, match='was replaced while the run was'):
    plan_lib.load(str(path), 'f' * 16)


@pytest.mark.parametrize('keep', [0, 1, 20, -2])
@pytest.mark.parametrize('zeros', [0, 40])
def test_a_plan_of_which_half_is_there_is_none(tmp_path, keep, zeros):
  path = tmp_path / 'plan.json'
  assert plan_lib.find(str(path)) is None
  path.write_bytes(plan_of([]).to_json())
  assert plan_lib.find(str(path)) == plan_of([])
  path.write_bytes(plan_of([]).to_json()[:keep] + bytes(zeros))
  assert plan_lib.find(str(path)) is None


@pytest.mark.parametrize(
  'change', [{'engine': 'x'}, {'items': [{}]}, {'groups': {'g': {'a': 1}}}]
)
def test_a_plan_of_a_later_version_is_refused(tmp_path: Path, change):
  path = tmp_path / 'plan.json'
  path.write_text(json.dumps(json.loads(plan_of([]).to_json()) | change))
  with pytest.raises(UserError, match=r'(?s)plan\.json is no plan.* began it'):
    plan_lib.load(str(path))
  with pytest.raises(UserError, match=r'(?s)plan\.json is no plan'):
    plan_lib.find(str(path))
