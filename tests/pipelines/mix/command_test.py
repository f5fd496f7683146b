"""The promises of a mix run: exact rates, the same bytes, nothing lost."""

import collections
import dataclasses
import json
from pathlib import Path

import apache_beam as beam
import pytest
from support import corpora
from support.corpora import tree
from support.graphs import pipeline_of
from support.plans import plan_of
from support.task_files import write_collection

from ul2_flan.pipelines import flan, mix, ul2, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.mix import shuffle
from ul2_flan.pipelines.mix import transform as mix_transform
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


@pytest.fixture(scope='module')
def flan_run(tmp_path_factory, vocabulary_path) -> Path:
  folder = tmp_path_factory.mktemp('runs')
  write_collection(folder / 'data')
  sources = [f'--source={s}={folder / "data" / s}' for s in ('niv2', 'cot')]
  flags = [*sources, f'--vocabulary={vocabulary_path}']
  flags += ['--inputs_length=1024', '--targets_length=128']
  flags += ['--settings=zs_opt,fs_opt', '--validation_fraction=0.1']
  assert flan.main([*flags, f'--output={folder / "out"}']) == 0
  return folder / 'out'


@pytest.fixture
def flags(flan_run, tmp_path):
  def make(output: str = 'out', *more: str) -> list[str]:
    return [
      *('--manifest', str(flan_run), '--mixture', 'flan2022_b'),
      *('--num_examples', '700', '--output', str(tmp_path / output)),
      *('--min_shards', '5', *more),
    ]

  return make


def manifest_of(folder: Path) -> Manifest:
  path = folder / 'manifest.json'
  return manifest_lib.parse(path.read_bytes(), str(path))


def read(folder: Path, data_set: str, split: str) -> list[bytes]:
  found = []
  for shard in manifest_of(folder).data_sets[data_set][split].shards:
    with (folder / shard.path).open('rb') as file:
      found += records.read_records(file, shard.path)
  return found


def members_of(manifest: Manifest, split: str) -> dict[str, int]:
  members = manifest.run['config']['members'][split]
  return {name: count for name, (_, _, count) in members.items()}


@pytest.mark.parametrize('epochs', [1, 3])
def test_rates_are_exact_to_the_example(flags, flan_run, tmp_path, epochs):
  assert mix.main(flags('out', f'--epochs={epochs}')) == 0
  manifest = manifest_of(tmp_path / 'out')
  planned = members_of(manifest, 'train')
  assert sum(planned.values()) == 700
  mixed = read(tmp_path / 'out', 'flan2022_b_mixed', 'train')
  assert len(mixed) == epochs * 700
  # Data sets differ in all their examples, but a member's may be equal.
  owner = {}
  for name in planned:
    for record in read(flan_run, name, 'train'):
      owner[record] = name
  for epoch in range(epochs):
    own = mixed[epoch * 700 : (epoch + 1) * 700]
    assert collections.Counter(owner[r] for r in own) == {
      name: count for name, count in planned.items() if count
    }
    seen = collections.Counter(mixed[: (epoch + 1) * 700])
    for name in planned:
      copies = collections.Counter(read(flan_run, name, 'train'))
      times = [seen[r] / n for r, n in copies.items()]
      assert max(times) - min(times) <= 1


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
  assert len(read(mixed, data_set, 'train')) == 8


def test_validation_examples_are_there_once(flags, flan_run, tmp_path):
  assert mix.main(flags('out', '--num_validation_examples=30')) == 0
  found = read(tmp_path / 'out', 'flan2022_b_mixed', 'validation')
  planned = members_of(manifest_of(tmp_path / 'out'), 'validation')
  assert 0 < len(found) == sum(planned.values()) <= 30
  there = collections.Counter(
    r for name in planned for r in read(flan_run, name, 'validation')
  )
  assert not collections.Counter(found) - there
  assert mix.main(flags('none', '--num_validation_examples=0')) == 0
  assert set(manifest_of(tmp_path / 'none').data_sets['flan2022_b_mixed']) == {
    'train'
  }


@pytest.mark.parametrize('pack', [(), ('--pack=enc_dec',)])
def test_the_same_bytes_for_any_passes_and_workers(flags, tmp_path, pack):
  assert mix.main(flags('one', *pack)) == 0
  assert mix.main(flags('three', *pack, '--passes=3')) == 0
  assert mix.main(flags('beam', *pack, '--runner=FnApiRunner')) == 0
  assert mix.main(flags('two', *pack, '--local_workers=2')) == 0
  one = tree(tmp_path / 'one')
  for other in ('three', 'beam', 'two'):
    assert tree(tmp_path / other) == one
  assert verify.main([str(tmp_path / 'one')]) == 0


def test_how_members_are_read_does_not_matter(flags, tmp_path, monkeypatch):
  assert mix.main(flags('one')) == 0
  monkeypatch.setattr(shuffle, '_READ_BYTES', 1)
  monkeypatch.setattr(shuffle, 'HELD_BYTES', 1)
  assert mix.main(flags('two', '--local_workers=1')) == 0
  assert tree(tmp_path / 'two') == tree(tmp_path / 'one')


def test_an_unfinished_run_goes_on(flags, tmp_path, monkeypatch, capsys):
  assert mix.main(flags('whole')) == 0
  do = mix_transform.write_shard
  done = []

  def some(output, plan, job, item, blocks):
    if len(done) == 3:
      raise OSError('the disk is full')
    done.append(item)
    return do(output, plan, job, item, blocks)

  with monkeypatch.context() as patch:
    patch.setattr(mix_transform, 'write_shard', some)
    patch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0)
    assert mix.main(flags('cut', '--local_workers=1')) == 1
  assert 'the disk is full' in capsys.readouterr().err
  cut = tmp_path / 'cut'
  assert not list(cut.rglob('COMPLETED'))
  before = {p: p.stat().st_mtime_ns for p in cut.rglob('*.tfrecord-*')}
  assert len(before) == 3
  assert mix.main(flags('cut')) == 0
  assert all(p.stat().st_mtime_ns == t for p, t in before.items())
  assert tree(cut) == tree(tmp_path / 'whole')
  assert mix.main(flags('cut')) == 0
  assert 'nothing to do' in capsys.readouterr().out
  with pytest.raises(UserError, match='seed: 0 -> 1'):
    mix.main(flags('cut', '--seed=1'))


def test_a_run_with_all_shards_only_finishes(flags, tmp_path, monkeypatch):
  assert mix.main(flags('whole')) == 0

  def never(*_):
    raise OSError('cut off')

  with monkeypatch.context() as patch:
    patch.setattr('ul2_flan.pipelines.launch.finish.finish', never)
    patch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0)
    assert mix.main(flags('cut')) == 1
    monkeypatch.setattr(mix_transform, 'write_shard', never)
  assert mix.main(flags('cut', '--local_workers=1')) == 0
  assert tree(tmp_path / 'cut') == tree(tmp_path / 'whole')


def test_an_engine_may_begin_a_finished_run_again(flags, tmp_path):
  output = tmp_path / 'out'
  assert mix.main(flags()) == 0
  before = tree(output)
  run = RunRef(str(output), manifest_of(output).run['plan'], {})
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | mix_transform.Mix(run, ((0, 5),), Budget(0.01))
  read_again = mix_transform.ReadRecords(run, ((0, 5),))
  assert not [*read_again.process((0, [None]))]
  assert not [*mix_transform.WriteShard(run).process((0, []))]
  assert tree(output) == before


def test_packed_sequences_hold_every_example_once(flags, tmp_path):
  assert mix.main(flags('plain')) == 0
  assert mix.main(flags('packed', '--pack=enc_dec')) == 0
  plain = collections.Counter()
  for record in read(tmp_path / 'plain', 'flan2022_b_mixed', 'train'):
    features = records.decode_example(record)
    plain[tuple(features['inputs']), tuple(features['targets'])] += 1
  unpacked = collections.Counter()
  for record in read(tmp_path / 'packed', 'flan2022_b_packed', 'train'):
    features = records.decode_example(record)
    assert len(features['inputs']) <= 1024
    assert len(features['targets']) <= 128
    for segment in range(1, max(features['inputs_segment_ids']) + 1):
      sides = []
      for side in ('inputs', 'targets'):
        own = features[f'{side}_segment_ids'] == segment
        tokens = features[side][own].tolist()
        assert features[f'{side}_positions'][own].tolist() == list(
          range(len(tokens))
        )
        assert tokens.pop() == 1
        sides.append(tuple(tokens))
      unpacked[tuple(sides)] += 1
  assert unpacked == plain
  manifest = manifest_of(tmp_path / 'packed')
  assert not any(f.add_eos for f in manifest.features.values())
  counts = Counts(manifest.run['counts'])
  full = counts['packing/train/inputs/tokens']
  assert full > 0.8 * counts['packing/train/inputs/room']


def change(folder: Path, to: Path, **fields: object) -> Path:
  """A copy of a run that says something else of itself."""
  manifest = json.loads((folder / 'manifest.json').read_text())
  text = json.dumps({**manifest, **fields}).replace('flan:', 'other:')
  to.mkdir()
  (to / 'manifest.json').write_text(text)
  return to


def test_runs_that_do_not_go_together_are_refused(flags, flan_run, tmp_path):
  manifest = manifest_of(flan_run)
  vocabulary = {**manifest.vocabulary, 'sha256': 'another'}
  features = {k: dataclasses.asdict(f) for k, f in manifest.features.items()}
  features['inputs']['length'] = 512
  for name, fields, message in (
    ('v', {'vocabulary': vocabulary}, 'vocabulary sha256'),
    ('f', {'features': features}, r'features.inputs.length: 1024 -> 512'),
    ('d', {'decoder_only': True}, 'decoder_only: false -> true'),
  ):
    other = change(flan_run, tmp_path / name, name='other', **fields)
    with pytest.raises(UserError, match=message):
      mix.main(flags('out', '--manifest', str(flan_run), str(other)))


def test_a_changed_member_fails_the_run(flags, flan_run, tmp_path, capsys):
  shard = next(flan_run.rglob('zs_opt/train.tfrecord-*'))
  data = shard.read_bytes()
  shard.write_bytes(data[:-3] + b'xyz')
  try:
    assert mix.main(flags()) == 1
  finally:
    shard.write_bytes(data)
  assert str(shard) in capsys.readouterr().err


@pytest.mark.parametrize(
  ('more', 'message'),
  [
    (['--mixture=flan2022'], 'Did you mean'),
    (['--num_examples=-1'], '--num_examples'),
    (['--epochs=0'], '--epochs'),
    (['--passes=0'], '--passes'),
    (['--name=a b'], '--name'),
    (['--task_feature_lengths=inputs=2048'], '--pack'),
    (['--pack=enc_dec', '--task_feature_lengths=inputs=12'], 'none is cut'),
    (['--pack=enc_dec', '--task_feature_lengths=input=9999'], "'input'"),
    (['--pack=enc_dec', '--task_feature_lengths=inputs'], 'such as'),
    (['--manifest=/none'], 'not complete'),
    (['--exclude', 'niv2:*', 'cot:*'], 'nothing of the mixture'),
  ],
)
def test_what_is_wrong_is_told_before_work_starts(flags, more, message):
  with pytest.raises(UserError) as e:
    mix.main(flags('out', *more))
  assert message in str(e.value)


def test_too_little_memory_is_told(flags, monkeypatch):
  monkeypatch.setattr(
    'ul2_flan.pipelines.engines.memory.available', lambda: 1000
  )
  with pytest.raises(UserError, match=r'Give --passes \d+'):
    mix.main(flags('out', '--runner=FnApiRunner'))


def test_a_doubled_or_lost_record_is_noticed(flags, tmp_path):
  plan = plan_of('mix', flags())
  job = shuffle.MixWorker(plan)
  items = frozenset(range(len(plan.items)))
  blocks = collections.defaultdict(list)
  for reads in job.reads:
    for item, block in job.blocks(reads, items):
      blocks[item].append(block)
  assert job.in_order(0, blocks[0])
  for wrong in (blocks[0] * 2, blocks[0][1:], blocks[1]):
    with pytest.raises(RuntimeError, match='lost or doubled'):
      job.in_order(0, wrong)


def test_the_graph_does_not_grow(flags, tmp_path):
  def made(*more: str):
    args = flags('out', *more)
    plan = plan_of('mix', args)
    output = str(tmp_path / 'out')
    steps = mix_transform.steps(plan, output, Budget(0.01), Engine())
    return pipeline_of(*steps).to_runner_api(), len(plan.items)

  one, few = made('--min_shards=1')
  many, shards = made('--min_shards=300')
  assert few < 5 < 300 <= shards
  assert len(one.components.transforms) == len(many.components.transforms)
  assert len(many.SerializeToString()) < len(one.SerializeToString()) + 2000


def test_a_plan_alone_writes_nothing(flags, tmp_path, capsys):
  assert mix.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert not (tmp_path / 'out').exists()
  for word in ('repeats', 'shards', 'disk, about', 'missing in'):
    assert word in out


def test_plans_of_a_mix_come_back_from_their_file(flags, tmp_path):
  plan = plan_of('mix', flags('out', '--pack=prefix_lm'))
  path = tmp_path / 'plan.json'
  path.write_bytes(plan.to_json())
  assert plan_lib.load(str(path)).fingerprint == plan.fingerprint


def test_places_do_not_depend_on_the_order_of_a_plans_members(flags):
  # JSON sorts them, so a plan in memory may have them in another order.
  plan = plan_of('mix', flags())
  members = plan.config['members']
  config = {
    **plan.config,
    'members': {k: dict(reversed(own.items())) for k, own in members.items()},
  }
  turned = shuffle.MixWorker(dataclasses.replace(plan, config=config))
  assert turned.reads == shuffle.MixWorker(plan).reads
