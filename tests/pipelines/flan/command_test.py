"""The Flan command: the promises of a run, for tasks instead of files."""

import json
from pathlib import Path
import re

import pytest
from support.corpora import tree
from support.graphs import pipeline_of
from support.plans import plan_of
from support.task_files import NIV2, write_collection, write_cot, write_niv2

from ul2_flan.pipelines import flan, verify
from ul2_flan.pipelines.launch.map_only import MapOnly
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


@pytest.fixture(scope='module')
def collection(tmp_path_factory) -> Path:
  return write_collection(tmp_path_factory.mktemp('collection'))


@pytest.fixture
def flags(collection, vocabulary_path, tmp_path):
  def make(output: str = 'out', *more: str, suites=('niv2', 'cot')):
    return [
      *(f'--source={suite}={collection / suite}' for suite in suites),
      *('--vocabulary', vocabulary_path, '--output', str(tmp_path / output)),
      *('--settings', 'zs_opt,fs_opt', '--inputs_length', '1024', *more),
    ]

  return make


def manifest_of(folder: Path) -> manifest_lib.Manifest:
  path = folder / 'manifest.json'
  return manifest_lib.parse(path.read_bytes(), str(path))


def test_the_same_bytes_for_any_workers_and_order(flags, tmp_path, monkeypatch):
  assert flan.main(flags('one')) == 0
  # An item for each task, and two processes to do them.
  monkeypatch.setattr('ul2_flan.pipelines.flan.planning._ITEM_BYTES', 1)
  two = flags('two', '--local_workers=2', suites=('cot', 'niv2'))
  assert flan.main(two) == 0
  one, two = tree(tmp_path / 'one'), tree(tmp_path / 'two')
  shards = {path for path in one if '.tfrecord-' in path}
  assert len(shards) == 2 * 2 * (4 + 4)
  assert {p: b for p, b in two.items() if p != 'manifest.json'} == {
    p: b for p, b in one.items() if p != 'manifest.json'
  }


def test_a_subset_has_the_same_bytes(flags, tmp_path):
  assert flan.main(flags('all')) == 0
  name = f'niv2:{NIV2[2]}'
  assert flan.main(flags('some', '--tasks', name, '--settings=fs_opt')) == 0
  every, some = tree(tmp_path / 'all'), tree(tmp_path / 'some')
  shards = [path for path in some if '.tfrecord-' in path]
  assert len(shards) == 2
  assert all(every[path] == some[path] for path in shards)


def test_an_output_is_verified_and_resumed(flags, tmp_path, capsys):
  plan = plan_of('flan', flags())
  assert flan.main(flags()) == 0
  out = tmp_path / 'out'
  assert verify.main([str(out)]) == 0
  assert flan.main(flags()) == 0
  assert 'nothing to do' in capsys.readouterr().out
  assert set(manifest_of(out).data_sets) == set(plan.data_sets)
  shard = next(out.rglob('train.tfrecord-*'))
  shard.write_bytes(shard.read_bytes()[:-1])
  assert verify.main([str(out)]) == 1
  assert str(shard) in capsys.readouterr().out
  with pytest.raises(UserError, match=r'seed: 0 -> 3'):
    flan.main(flags('out', '--seed=3'))


def test_a_manifest_says_what_there_is(flags, tmp_path):
  assert flan.main(flags()) == 0
  manifest = manifest_of(tmp_path / 'out')
  assert manifest.name == 'flan'
  name = f'flan:niv2:{NIV2[0]}:fs_opt'
  stats = manifest.data_sets[name]['train'].stats
  assert set(stats) == {
    *('examples', 'inputs_tokens', 'targets_tokens'),
    *('inputs_max_tokens', 'targets_max_tokens'),
  }
  assert stats['inputs_max_tokens'] <= 1023
  assert set(manifest.mixtures) == {
    'flan',
    *(f'flan:{s}:{k}_opt' for s in ('niv2', 'cot') for k in ('zs', 'fs')),
  }
  assert manifest.mixtures['flan'].keys() == manifest.data_sets.keys()
  assert manifest.mixtures['flan'][name] == stats['examples']
  counts = Counts(manifest.run['counts'])
  assert counts[f'niv2:{NIV2[0]}/read'] == 30
  assert counts[f'{name}/exemplars'] > 30


def test_a_broken_task_is_left_out_and_the_rest_stands(
  vocabulary_path, tmp_path, capsys
):
  source = tmp_path / 'niv2'
  write_niv2(source, NIV2[0], 30)
  write_niv2(source, NIV2[1], 30)
  bad = write_niv2(source, NIV2[2], 30)
  bad.write_bytes(bad.read_bytes()[:-400])
  task = json.loads((source / f'{NIV2[1]}.json').read_text())
  task['Instances'][3] = {'input': 'no output'}
  (source / f'{NIV2[1]}.json').write_text(json.dumps(task))
  flags = [f'--source=niv2={source}', '--vocabulary', vocabulary_path]
  flags += [f'--output={tmp_path / "out"}', '--settings=zs_opt']
  assert flan.main(flags) == 0
  manifest = manifest_of(tmp_path / 'out')
  assert set(manifest.data_sets) == {f'flan:niv2:{NIV2[0]}:zs_opt'}
  left_out = manifest.run['left_out']
  assert set(left_out) == {f'niv2:{NIV2[1]}', f'niv2:{NIV2[2]}'}
  assert '1 ' in left_out[f'niv2:{NIV2[1]}']
  out = capsys.readouterr().out
  assert all(name in out for name in NIV2[1:3])
  assert verify.main([str(tmp_path / 'out')]) == 0
  kept = list((tmp_path / 'out/quarantine').glob('*.jsonl'))
  rejects = [json.loads(x) for p in kept for x in p.read_text().splitlines()]
  assert len(rejects) == 2
  assert {Path(r['source']).stem for r in rejects} == set(NIV2[1:3])
  # No trace of the others' data sets.
  folder = tmp_path / 'out/flan/niv2'
  assert [p.name for p in folder.iterdir() if any(p.rglob('*.*'))] == [NIV2[0]]

  strict = [f'--output={tmp_path / "strict"}', '--strict']
  assert flan.main([*flags, *strict, f'--tasks=niv2:{NIV2[2]}']) == 1
  err = capsys.readouterr().err
  assert NIV2[2] in err
  assert '--strict' in err
  # The budget is a share of the task's own records.
  more = ['--max_reject_fraction=0.05', '--overwrite']
  assert flan.main([*flags, *more]) == 0
  manifest = manifest_of(tmp_path / 'out')
  assert set(manifest.run['left_out']) == {f'niv2:{NIV2[2]}'}


def test_missing_tasks_are_told_and_strictly_an_error(flags, capsys):
  assert flan.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert 'no file of a training split' in out
  with pytest.raises(UserError, match=r'missing, and the run is --strict'):
    flan.main(flags('out', '--plan_only', '--strict'))
  names = ','.join(f'niv2:{name}' for name in NIV2)
  args = flags('out', '--plan_only', '--strict', '--tasks', names)
  assert flan.main([*args, '--suites=niv2']) == 0


@pytest.mark.parametrize(
  ('more', 'reason'),
  [
    ((), 'flan2021:rte: no --source flan2021=DIR is given'),
    (('--suites=niv2,cot',), 'flan2021:rte: its suite is not in --suites'),
  ],
)
def test_a_named_task_whose_suite_is_not_looked_at_is_missing(
  flags, capsys, more, reason
):
  args = flags('out', '--plan_only', '--tasks=cot:gsm8k,flan2021:rte', *more)
  assert flan.main(args) == 0
  assert reason in capsys.readouterr().out
  with pytest.raises(UserError, match=r'1 task is missing'):
    flan.main([*args, '--strict'])
  with pytest.raises(UserError, match=reason):
    flan.main([*args, '--tasks=flan2021:rte'])
  assert flan.main([*args, '--strict', '--without=flan2021:rte']) == 0


def test_a_suite_without_a_source_is_a_line(flags, capsys):
  args = flags('out', '--plan_only', '--suites=cot,niv2', suites=('cot',))
  assert flan.main(args) == 0
  out = capsys.readouterr().out
  assert 'niv2: 1,556 tasks, no --source niv2=DIR is given' in out
  assert out.count('no --source') == 1


def test_a_file_of_another_split_is_told(vocabulary_path, tmp_path):
  path = write_cot(tmp_path, 'esnli', 9)
  path = path.rename(tmp_path / 'esnli_dev.tsv')
  flags = [f'--source=cot={tmp_path}', '--vocabulary', vocabulary_path]
  reason = f'only a validation split was found: {path}'
  with pytest.raises(UserError, match=re.escape(reason)):
    flan.main([*flags, '--output=none', '--tasks=cot:esnli'])


def test_a_program_is_told_of_every_task(flags, capsys):
  name = f'niv2:{NIV2[0]}'
  args = flags('out', '--plan_only', '--json', '--tasks', f'{name},cot:aqua')
  assert flan.main(args) == 0
  told = json.loads(capsys.readouterr().out)
  assert told['tasks'] == {'niv2': 1}
  assert told['missing'] == {'cot:aqua': 'no file of a training split'}
  assert told['several_files'] == {}


def test_several_files_of_one_task_are_told(vocabulary_path, tmp_path, capsys):
  one = write_niv2(tmp_path / 'a', NIV2[0], 30)
  two = write_niv2(tmp_path / 'b', NIV2[0], 30)
  write_niv2(tmp_path / 'b', NIV2[1], 30)
  flags = [f'--source=niv2={tmp_path}', '--vocabulary', vocabulary_path]
  flags += ['--output=none', '--settings=zs_opt', '--plan_only']
  assert flan.main(flags) == 0
  out = capsys.readouterr().out
  assert 'several files of one name: 1 task\n' in out
  assert f'niv2:{NIV2[0]}: 2 files, of which the run reads {one}' in out
  assert flan.main([*flags, '--json']) == 0
  told = json.loads(capsys.readouterr().out)
  assert told['several_files'] == {f'niv2:{NIV2[0]}': [str(one), str(two)]}


@pytest.mark.parametrize(
  ('flag', 'message'),
  [
    ('--tasks=niv2:task001_quoref_question_generatio', 'Did you mean'),
    ('--without=nonsense', 'lacks a suite'),
    ('--suites=niv3', "Did you mean 'niv2'"),
    ('--source=niv2', 'such as niv2=DIR'),
    ('--settings=zs_op', "Did you mean 'zs_opt'"),
    ('--settings=,', 'empty'),
    ('--name=a:b', '--name'),
    ('--cap=-1', '--cap'),
    ('--validation_fraction=0.5', 'within'),
    ('--inputs_length=3', 'at least 8'),
    ('--vocabulary=/none', '--vocabulary'),
    ('--tasks=cot:aqua', 'none of 1 tasks'),
  ],
)
def test_what_is_wrong_is_told_before_work_starts(flags, flag, message):
  with pytest.raises(UserError) as e:
    flan.main(flags('out', flag))
  assert message in str(e.value)


def test_exemplars_are_a_range(flags):
  with pytest.raises(UserError, match='--exemplars 3 1'):
    flan.main(flags('out', '--exemplars', '3', '1'))


def test_the_graph_does_not_grow(flags, tmp_path):
  def made(*more: str):
    plan = plan_of('flan', flags('out', *more))
    run = RunRef('out', plan.fingerprint, {})
    step = MapOnly(run, Budget(0.01))
    return pipeline_of(step).to_runner_api(), len(plan.groups)

  one, few = made('--tasks', f'niv2:{NIV2[0]}')
  all_, many = made()
  assert few == 1 < many
  assert len(one.components.transforms) == len(all_.components.transforms)
  # Compressed pickles of another fingerprint differ by some bytes.
  sizes = [len(proto.SerializeToString()) for proto in (one, all_)]
  assert abs(sizes[0] - sizes[1]) < 64


def test_small_tasks_share_a_work_item(flags):
  plan = plan_of('flan', flags())
  assert len(plan.items) == 1
  assert len(plan.items[0].parts) == 8
  assert plan_lib.Plan.parts(plan, f'niv2:{NIV2[0]}')[0].num_shards == 1


def test_tasks_that_are_no_part_of_the_collection_are_hinted_at(
  vocabulary_path, tmp_path
):
  folder = tmp_path / 'p3' / 'ag_news_classify'
  folder.mkdir(parents=True)
  row = {'inputs_pretokenized': 'Sport?', 'targets_pretokenized': 'Sports'}
  (folder / 'train.jsonl').write_text(f'{json.dumps(row)}\n' * 20)
  flags = [f'--source=t0_sf={tmp_path / "p3"}', '--vocabulary', vocabulary_path]
  flags += ['--output', str(tmp_path / 'out')]
  with pytest.raises(
    UserError, match=r'none of 193 .* 1 tasks are there .*--left_out'
  ):
    flan.main(flags)
  assert flan.main([*flags, '--left_out', '--plan_only']) == 0
