import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
import seqio
from support import manifests

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Shard
from ul2_flan.tasks.register import load_manifest, register
from ul2_flan.trainer_plugin import evaluation

COUNTS = st.lists(st.integers(1, 5), min_size=1, max_size=40)


@given(counts=COUNTS, most=st.integers(1, 30))
def test_every_data_set_has_as_many_shards_as_another(counts, most):
  shards = [
    [Shard(f'{name}/{i}', 1, 1, '') for i in range(count)]
    for name, count in enumerate(counts)
  ]
  found = [shard.path for shard in evaluation.spread(shards, most)]
  assert (
    len(found)
    == len(set(found))
    == min(most, sum(counts) if len(counts) <= most else most)
  )
  taken = [
    sum(p.split('/')[0] == str(n) for p in found) for n in range(len(counts))
  ]
  if len(counts) <= most:
    # One has fewer than another only where it has no more.
    assert all(
      taken[n] >= max(taken) - 1 or taken[n] == counts[n]
      for n in range(len(counts))
    )
  else:
    assert set(taken) == {0, 1}


def test_each_denoiser_is_a_part(by_denoiser):
  name = evaluation.mixture([by_denoiser], 'validation')
  assert name == 'eval:plugin_ul2r'
  parts = [t.name for t in seqio.get_subtasks(seqio.get_mixture_or_task(name))]
  assert sorted(parts) == [
    f'plugin_ul2r:{d}' for d in ('r_3_15', 's_50', 'x_32_15', 'x_3_50')
  ]
  assert evaluation.mixture([by_denoiser], 'validation') == name


def test_one_data_set_is_itself(packed):
  assert evaluation.mixture([packed], 'validation') == 'plugin_packed'


def test_several_runs(by_denoiser, mixed):
  name = evaluation.mixture([by_denoiser, mixed], 'validation')
  assert name == 'eval:plugin_ul2r+plugin_mixed'
  assert len(seqio.get_subtasks(seqio.get_mixture_or_task(name))) == 8


def test_a_data_set_of_all_denoisers_is_evaluated_by_denoiser(mixed):
  name = evaluation.mixture([mixed], 'validation')
  tasks = seqio.get_subtasks(seqio.get_mixture_or_task(name))
  made = load_manifest(mixed)
  examples = {t.name: t.num_input_examples('validation') for t in tasks}
  assert sum(examples.values()) == (
    made.data_sets['plugin_mixed']['validation'].examples
  )
  counts = made.run['counts']['plugin_mixed']
  for denoiser in ('r_3_15', 's_50', 'x_32_15', 'x_3_50'):
    counted = counts[f'data/validation/{denoiser}/examples']
    assert examples[f'plugin_mixed:{denoiser}'] == counted > 0


def test_validation_examples_are_those_of_their_denoiser(make_ul2):
  output = make_ul2('plugin_kept', '--provenance')
  name = evaluation.mixture([output], 'validation')
  for task in seqio.get_subtasks(seqio.get_mixture_or_task(name)):
    dataset = task.get_dataset(None, 'validation', shuffle=False)
    assert {
      e['provenance/denoiser'].decode() for e in dataset.as_numpy_iterator()
    } == {task.name.split(':')[1]}


@pytest.fixture(scope='module')
def suites(by_denoiser, tmp_path_factory) -> str:
  """The same data, named as Flan's: a suite of two tasks, and one of one."""
  output = tmp_path_factory.mktemp('suites')
  text = Path(by_denoiser, 'manifest.json').read_text()
  named = {
    'plugin_ul2r:r_3_15': 'plugin_flan:niv2:a:zs',
    'plugin_ul2r:s_50': 'plugin_flan:niv2:b:zs',
    'plugin_ul2r:x_32_15': 'plugin_flan:cot:c:zs',
  }
  for old, new in named.items():
    folder = Path(output, *new.split(':'))
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(Path(by_denoiser, *old.split(':')))
    text = text.replace('/'.join(old.split(':')), '/'.join(new.split(':')))
  found = json.loads(text)
  found['name'] = 'plugin_flan'
  found['mixtures'] = {}
  found['data_sets'] = {
    new: found['data_sets'][old] for old, new in named.items()
  }
  (output / 'manifest.json').write_bytes(manifests.with_checksum(found))
  return str(output)


def test_the_tasks_of_a_suite_are_one_part(suites):
  name = evaluation.mixture([suites], 'validation')
  parts = seqio.get_subtasks(seqio.get_mixture_or_task(name))
  assert sorted(part.name for part in parts) == [
    'eval:plugin_flan:niv2',
    'plugin_flan:cot:c:zs',
  ]
  made = load_manifest(f'{suites}/manifest.json').data_sets
  niv2 = seqio.get_mixture_or_task('eval:plugin_flan:niv2')
  assert niv2.splits == ('validation',)
  dataset = niv2.get_dataset(
    {'inputs': 64, 'targets': 64}, 'validation', shuffle=False, num_epochs=1
  )
  examples = list(dataset.as_numpy_iterator())
  assert len(examples) == sum(
    made[f'plugin_flan:niv2:{task}:zs']['validation'].examples for task in 'ab'
  )
  assert all(example['inputs'][-1] == 1 for example in examples)


def test_a_split_without_examples(by_denoiser):
  with pytest.raises(UserError, match=r"split 'test'\. .* EVAL_MANIFESTS"):
    evaluation.mixture([by_denoiser], 'test')


def test_two_hosts_read_one_data_set_without_overlap(by_denoiser):
  register(by_denoiser)
  name = 'plugin_ul2r:s_50'

  def read(host: int, hosts: int) -> list[bytes]:
    dataset = seqio.get_mixture_or_task(name).get_dataset(
      {'inputs': 64, 'targets': 64},
      'train',
      shuffle=True,
      seed=1,
      num_epochs=1,
      shard_info=seqio.ShardInfo(host, hosts),
    )
    return [
      b'|'.join(example[side].tobytes() for side in ('inputs', 'targets'))
      for example in dataset.as_numpy_iterator()
    ]

  first, second = read(0, 2), read(1, 2)
  assert first
  assert second
  assert sorted(first + second) == sorted(read(0, 1))
