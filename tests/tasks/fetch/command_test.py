"""`tasks fetch` from nothing to a run, stopped on the way."""

import pytest
from support.corpora import tree

from ul2_flan.pipelines import flan, verify
from ul2_flan.tasks import __main__ as command
from ul2_flan.tasks import catalog
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.fetch.lock import Lock


def first_of(suite: str) -> str:
  return next(iter(catalog.tasks(suite=suite))).name


def test_fetched_data_is_what_a_run_reads(
  servers, tmp_path, vocabulary_path, capsys, monkeypatch
):
  to = str(tmp_path / 'data')
  given = ['fetch', '--suite', 'cot', '--to', to]
  servers.cut, servers.moved = 3, True
  servers.faults = [(503, '')]
  # Somebody stops it when the archive is there, and when half is taken apart.
  real = Lock.add
  calls = iter(range(100))

  def stops(self, *args):
    if next(calls) in (0, 4):
      raise KeyboardInterrupt
    real(self, *args)

  monkeypatch.setattr(Lock, 'add', stops)
  for _ in range(2):
    with pytest.raises(KeyboardInterrupt):
      command.main(given)
  assert command.main(given) == 0
  told = capsys.readouterr().out
  assert '9 files at e9e4ec6' in told
  assert f'--source cot={to}/cot' in told
  again = str(tmp_path / 'again')
  assert command.main(['fetch', '--suite', 'cot', '--to', again]) == 0
  assert tree(tmp_path / 'data') == tree(tmp_path / 'again')
  run = [f'--source=cot={to}/cot', '--vocabulary', vocabulary_path]
  run += ['--settings=zs_opt', f'--output={tmp_path / "out"}']
  run += ['--tasks=cot:gsm8k', '--local_workers=1', '--validation_fraction=0']
  assert flan.main(run) == 0
  assert verify.main([str(tmp_path / 'out')]) == 0


def test_what_no_program_gets_is_listed(servers, tmp_path, capsys):
  names = f'{first_of("t0_sf")},flan2021:newsroom,flan2021:glue_mrpc,cot:gsm8k'
  given = ['fetch', '--tasks', names, '--to', str(tmp_path / 'd')]
  assert command.main([*given, '--plan_only']) == 0
  told = capsys.readouterr().out
  assert 'hub bigscience/P3, for 1 task: 5 files, 0.01 MB' in told
  assert 'tfds build glue/mrpc:2.0.0 --data_dir' in told
  assert 'flan2021:newsroom from https://' in told
  assert 'Put the files below' in told
  assert not (tmp_path / 'd').exists()
  assert command.main([*given, '--licence', 'mit', '--plan_only']) == 0
  told = capsys.readouterr().out
  assert 'for 1 task' in told
  assert 'left out by --licence: ' in told


def test_a_place_that_fails_does_not_stop_the_others(servers, tmp_path, capsys):
  names = f'cot:gsm8k,flan2021:cb,{first_of("t0_sf")}'
  given = ['fetch', '--tasks', names, '--to', str(tmp_path / 'd')]
  servers.others |= dict.fromkeys(
    (path for path in servers.others if 'FLAN' in path), b''
  )
  assert command.main(given) == 2
  told = capsys.readouterr()
  assert told.out.count('FAILED: ') == 2
  assert '2 of the places failed' in told.err
  assert len(list((tmp_path / 'd/t0_sf').rglob('a-*'))) == 5


def test_a_network_that_is_down_is_not_asked_again_and_again(
  servers, tmp_path, capsys, monkeypatch
):
  monkeypatch.setattr(retries, 'TRIES', 2)
  servers.faults = [(503, '')] * 99
  given = ['fetch', '--suite', 'cot,niv2,dialog', '--to', str(tmp_path / 'd')]
  assert command.main(given) == 2
  told = capsys.readouterr()
  assert 'does not answer, nor does google-research/FLAN' in told.err
  assert told.out.count('FAILED: ') == 2


def test_builders_of_tfds_run_where_they_are(
  servers, tmp_path, capsys, monkeypatch
):
  given = [
    'fetch',
    '--tasks=flan2021:glue_mrpc',
    '--to',
    str(tmp_path),
    '--tfds',
  ]
  monkeypatch.setenv('PATH', str(tmp_path))
  assert command.main(given) == 2
  assert 'there is no `tfds` here' in capsys.readouterr().err
  script = tmp_path / 'tfds'
  script.write_text('#!/bin/sh\n/bin/echo "$@" > "$0".said\n')
  script.chmod(0o755)
  assert command.main(given) == 0
  said = (tmp_path / 'tfds.said').read_text()
  assert said.startswith('build glue/mrpc:2.0.0 --data_dir')


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    (['--suite=cots'], "Did you mean 'cot'"),
    (['--tasks=cot:gsm'], "Did you mean 'cot:gsm8k'"),
    ([], 'give --suite or --tasks'),
    (['--suite=cot', '--licence=gpl*'], 'fits none of 36 tasks'),
  ],
)
def test_a_wrong_name_is_an_error(tmp_path, capsys, flags, message):
  assert command.main(['fetch', '--to', str(tmp_path), *flags]) == 2
  assert message in capsys.readouterr().err
