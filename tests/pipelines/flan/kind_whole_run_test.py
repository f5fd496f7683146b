"""A Flan run from flags to manifest: verified, resumed, with a bad task."""

import json
import os
from pathlib import Path

import pytest
from support.outputs import manifest_of
from support.plans import plan_of
from support.task_files import NIV2, write_niv2

from ul2_flan.pipelines import export, flan, verify
from ul2_flan.pipelines.run import Counts
from ul2_flan.tasks.errors import UserError


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


def test_only_what_holds_rows_out_has_a_validation_split(flags, tmp_path):
  assert flan.main(flags()) == 0
  out = tmp_path / 'out'
  data_sets = manifest_of(out).data_sets
  for name, splits in data_sets.items():
    assert splits['train'].examples
    assert all(split.examples for split in splits.values())
    expected = {'COMPLETED'}
    for split in splits:
      expected |= {f'info.{split}.json', f'stats.{split}.json'}
      expected.add(f'{split}.tfrecord-00000-of-00001')
    assert set(os.listdir(out / name.replace(':', '/'))) == expected
  # There are both.
  assert {len(splits) for splits in data_sets.values()} == {1, 2}
  made = export.run(
    export.Config(manifest=str(out), format='parquet'),
    output=str(tmp_path / 'exported'),
  )
  assert {k: set(v) for k, v in made.data_sets.items()} == {
    k: set(v) for k, v in data_sets.items()
  }
  assert flan.main(flags('out', '--overwrite', '--seed=3')) == 0
  assert verify.main([str(out)]) == 0


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
  assert flan.main(flags) == 1
  assert f'1 damaged file\n  {bad}, at 0: not JSON' in capsys.readouterr().err
  flags += ['--max_damaged_files=1']
  assert flan.main(flags) == 0
  manifest = manifest_of(tmp_path / 'out')
  assert list(manifest.run['damaged_files']) == [str(bad)]
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
