"""The results of a Flan worker depend on a task's rows, and on nothing else."""

import collections
import json
from pathlib import Path

import pytest
from support import plans
from support.task_files import NIV2, sentence

from ul2_flan.pipelines.flan import planning, render
from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.flan.kind import KIND
from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.run import Batch, Counts, Plan
from ul2_flan.tasks import catalog, records
from ul2_flan.tasks.rendering import load_family
from ul2_flan.tasks.vocabulary import Vocabulary


@pytest.fixture(scope='module')
def plan_of(collection, vocabulary_path):
  def make(*more: str, folder: Path = collection) -> Plan:
    flags = [f'--source={s}={folder / s}' for s in ('niv2', 'cot')]
    flags += ['--vocabulary', vocabulary_path, '--output', 'none']
    flags += ['--inputs_length', '1024', '--validation_fraction', '0.1']
    return plans.plan_of('flan', [*flags, *more])

  return make


def results_of(plan: Plan, block_rows: int = 1000):
  """All records, by task, data set and split, with rejects and counts."""
  worker = FlanWorker(plan)
  worker._options = type(worker._options)(block_rows=block_rows)
  found = collections.defaultdict(list)
  rejects, counts = [], Counts()
  for item in plan.items:
    for part in item.parts:
      names = plan.groups[part.group].data_sets
      for result in worker.results(part, counts):
        if isinstance(result, Batch):
          for record, key, i, held_out in zip(
            result.records,
            result.keys.tolist(),
            result.data_set.tolist(),
            result.is_validation.tolist(),
            strict=True,
          ):
            found[names[i], held_out].append((key, record))
        elif isinstance(result, list):
          rejects += result
  return {k: sorted(v) for k, v in found.items()}, rejects, counts


@pytest.fixture(scope='module')
def of_all(plan_of):
  """The results of the whole collection, which no test changes."""
  return results_of(plan_of())


def test_the_size_of_a_block_makes_no_difference(plan_of, of_all):
  whole, _, counts = of_all
  # None of the tasks has options, so two of four settings are made.
  assert len({name for name, _ in whole}) == 2 * (4 + 4)
  for block_rows in (1, 7):
    some, _, others = results_of(plan_of(), block_rows)
    assert some == whole
    assert others == counts


def test_a_task_alone_is_as_among_all(plan_of, of_all):
  whole, _, _ = of_all
  name = f'niv2:{NIV2[1]}'
  alone, _, _ = results_of(plan_of(f'--tasks={name}'))
  assert alone
  assert alone == {k: v for k, v in whole.items() if name in k[0]}


def test_a_setting_alone_is_as_among_all(plan_of, of_all):
  whole, _, _ = of_all
  alone, _, _ = results_of(plan_of('--settings=fs_opt'))
  assert alone == {k: v for k, v in whole.items() if k[0].endswith(':fs_opt')}


def test_the_seed_makes_a_difference(plan_of):
  one, _, _ = results_of(plan_of('--settings=fs_opt'))
  two, _, _ = results_of(plan_of('--settings=fs_opt', '--seed=1'))
  assert one.keys() == two.keys()
  assert all(one[k] != two[k] for k in one)


@pytest.mark.parametrize('flags', [(), ('--cap=7',), ('--cap=0',)])
def test_the_accounts_add_up(plan_of, flags):
  plan = plan_of(*flags)
  found, _, counts = results_of(plan)
  FlanAccounts.check(counts)
  for name in plan.groups:
    for data_set in plan.groups[name].data_sets:
      examples = len(found[data_set, False]) + len(found[data_set, True])
      assert examples == counts[f'{data_set}/rendered']
      drawn = sum(counts.below(f'{data_set}/wordings').values())
      assert drawn == examples
  if flags == ('--cap=7',):
    for name in plan.groups:
      assert counts[f'{name}/dropped/over_cap'] > 20
      zero_shot = plan.groups[name].data_sets[0]
      assert len(found[zero_shot, False]) <= 7


def test_accounts_that_do_not_add_up_are_noticed(plan_of):
  _, _, counts = results_of(plan_of('--settings=zs_opt'))
  accounts = ('read', 'used', 'rows', 'rendered', 'dropped', 'rejected')
  tried = set()
  for owner, numbers in counts.sums.items():
    for name in numbers:
      if name.split('/')[0] in accounts or name.endswith('/examples'):
        changed = {**counts.sums, owner: {**numbers, name: numbers[name] + 1}}
        with pytest.raises(AssertionError):
          FlanAccounts.check(Counts(changed))
        tried.add(name)
  assert {'read', 'used', 'rows', 'rendered'} < tried


def test_examples_keep_to_the_lengths_and_read_well(plan_of, vocabulary_path):
  found, _, counts = results_of(plan_of('--keep_text', '--provenance'))
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes())
  for (name, _), examples in found.items():
    for _, record in examples:
      features = records.decode_example(record)
      for side, limit in (('inputs', 1023), ('targets', 511)):
        ids = features[side]
        assert 0 < len(ids) <= limit
        (text,) = features[f'{side}_pretokenized']
        assert vocabulary.encode(text.decode()) == tuple(ids)
      exemplars = features['provenance/exemplars'][0].split()
      assert ':fs_' in name or not exemplars
      assert features['provenance/key'][0] not in exemplars
  # Some rows of the last task have two thousand words.
  for setting in ('zs_opt', 'fs_opt'):
    data_set = f'flan:niv2:{NIV2[3]}:{setting}'
    assert counts[f'{data_set}/trimmed'] == 3
    assert not counts.below(f'{data_set}/dropped')


def test_exemplars_are_not_held_out(plan_of):
  found, _, _ = results_of(plan_of('--provenance', '--settings=fs_opt'))
  exemplars = collections.defaultdict(set)
  held_out = collections.defaultdict(set)
  for (name, is_validation), examples in found.items():
    for key, record in examples:
      features = records.decode_example(record)
      exemplars[name] |= set(features['provenance/exemplars'][0].split())
      if is_validation:
        held_out[name].add(b'%016x' % key)
  assert any(held_out.values())
  assert all(exemplars.values())
  for name, keys in held_out.items():
    assert not keys & exemplars[name]


def test_a_task_that_cannot_be_rendered_is_its_own_trouble(
  plan_of, monkeypatch
):
  plan = plan_of('--settings=zs_opt')
  prepare = render.prepare

  def broken(rows, keys, *, task, **more):
    if NIV2[2] in task.name:
      raise RuntimeError('out of luck')
    return prepare(rows, keys, task=task, **more)

  monkeypatch.setattr(render, 'prepare', broken)
  found, rejects, counts = results_of(plan)
  assert counts[f'niv2:{NIV2[2]}/failed'] == 1
  assert [r.reason for r in rejects] == ['failed']
  assert 'out of luck' in rejects[0].detail
  assert not any(NIV2[2] in name for name, _ in found)
  assert any(NIV2[3] in name for name, _ in found)


def test_trouble_of_a_file_system_is_not_the_tasks(plan_of, monkeypatch):
  plan = plan_of('--settings=zs_opt')

  def away(*_: object, **__: object):
    raise OSError('the bucket is away')

  monkeypatch.setattr(render, 'prepare', away)
  with pytest.raises(OSError, match='away'):
    results_of(plan)


def write_cola(folder: Path) -> list[str]:
  """Files of a task of Flan 2021, and the flags to render it."""
  cola = folder / 'nyu-mll/glue/cola'
  cola.mkdir(parents=True)
  for shard in range(5):
    rows = [
      {'sentence': f'{sentence(i)} {shard}.', 'label': i % 2, 'idx': i}
      for i in range(120)
    ]
    lines = '\n'.join(map(json.dumps, rows))
    (cola / f'train-0000{shard}-of-00005.jsonl').write_text(lines)
  flags = [f'--source=flan2021={folder}', '--tasks=flan2021:cola']
  return [*flags, '--output=none', '--cap=300']


def test_validation_asks_for_the_answer(vocabulary_path, tmp_path):
  flags = [*write_cola(tmp_path), '--vocabulary', vocabulary_path]
  flags += ['--provenance', '--validation_fraction=0.1']
  plan = plans.plan_of('flan', flags)
  found, _, _ = results_of(plan)
  family = load_family(catalog.load('flan2021:cola').family)
  inverted = {
    f'{kind} {i}'.encode()
    for kind, templates in (
      ('template', family.templates),
      ('few_shot', family.few_shot),
    )
    for i, template in enumerate(templates)
    if template.inverted
  }
  assert len(found) == 2 * 4
  for (_, is_validation), examples in found.items():
    used = {
      records.decode_example(record)['provenance/template'][0]
      for _, record in examples
    }
    assert bool(used & inverted) != is_validation


def test_a_divided_task_gives_what_it_gives_whole(
  vocabulary_path, tmp_path, monkeypatch
):
  flags = [*write_cola(tmp_path), '--vocabulary', vocabulary_path]
  plan = plans.plan_of('flan', flags)
  monkeypatch.setattr(planning, '_ITEM_BYTES', 1 << 9)
  divided = plans.plan_of('flan', flags)
  assert len(plan.items) == 1 < len(divided.items)
  # So each part is to be done again when any piece of the task changes.
  pieces = [p for item in divided.items for p in item.pieces]
  for item in divided.items:
    assert [*KIND.reads(divided, item.parts[0])] == pieces
  whole, _, counts = results_of(plan)
  parts, _, others = results_of(divided)
  assert parts == whole
  assert others == counts
