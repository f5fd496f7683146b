"""The stages run one after the other, and go on where they stopped."""

import ast
from pathlib import Path
import subprocess

import pytest

from ul2_flan.trainer_plugin import record, stages
from ul2_flan.trainer_plugin.stage import STAGES


@pytest.fixture
def manifests(tmp_path: Path) -> dict[str, str]:
  found = {}
  for name in STAGES:
    folder = tmp_path / 'data' / name
    folder.mkdir(parents=True)
    (folder / 'manifest.json').write_text(f'{{"name": "{name}"}}')
    found[name] = str(folder)
  return found


@pytest.fixture
def arguments(manifests, tmp_path) -> list[str]:
  return [
    '--model=tiny_t5',
    *(f'--manifest={name}={path}' for name, path in manifests.items()),
    f'--model_dir={tmp_path}/models',
  ]


@pytest.fixture
def t5x(monkeypatch, tmp_path):
  """Takes T5X's place: keeps the commands, leaves what T5X leaves."""
  commands: list[list[str]] = []
  statuses: list[int] = []

  def run(command, check):
    assert not check
    commands.append(command)
    if 't5x.eval' in command:
      leave_answers(bindings(command))
      return subprocess.CompletedProcess(
        command, statuses.pop(0) if statuses else 0
      )
    folder = Path(bindings(command)['MODEL_DIR'])
    (folder / f'checkpoint_{9 * len(commands)}').mkdir(parents=True)
    (folder / 'checkpoint_99.orbax-checkpoint-tmp').mkdir(exist_ok=True)
    (folder / 'config.gin').write_text(f'STAGE = {len(commands)}')
    return subprocess.CompletedProcess(
      command, statuses.pop(0) if statuses else 0
    )

  monkeypatch.setattr(stages.subprocess, 'run', run)
  monkeypatch.setattr(stages.util, 'find_spec', lambda name: name)
  monkeypatch.setattr(record, 'commit_of', lambda package: f'the {package}')
  return commands, statuses


def leave_answers(given: dict[str, object]) -> None:
  """Leaves what `t5x.eval` leaves: one right answer of two."""
  folder = Path(str(given['EVAL_OUTPUT_DIR']))
  (folder / 'inference_eval').mkdir(parents=True)
  name = 'inference_eval/eval:bbh:snarks:direct'
  lines = (
    f'{{"target": "(A)", "prediction": "{answer}"}}'
    for answer in ('(A)', '(B)')
  )
  (folder / f'{name}-000007.jsonl').write_text('\n'.join(lines))
  (folder / f'{name}-metrics.jsonl').write_text('{"accuracy": 50.0}')
  (folder / 'eval.eval.ckpt').write_text(str(given['CHECKPOINT_PATH']))


def bindings(command: list[str]) -> dict[str, object]:
  found = {}
  for option in command:
    if option.startswith('--gin.'):
      name, value = option.removeprefix('--gin.').split('=', 1)
      found[name] = ast.literal_eval(value)
  return found


def test_the_second_stage_starts_from_the_first(t5x, arguments, tmp_path):
  commands, _ = t5x
  assert stages.main([*arguments, '--checkpoint=/c/checkpoint_7']) == 0
  ul2r, flan = map(bindings, commands)
  assert ul2r['INITIAL_CHECKPOINT_PATH'] == '/c/checkpoint_7'
  assert ul2r['MODEL_DIR'] == f'{tmp_path}/models/ul2r'
  assert (
    flan['INITIAL_CHECKPOINT_PATH'] == f'{tmp_path}/models/ul2r/checkpoint_9'
  )
  assert [list(c[3:5]) for c in commands] == [
    [
      '--gin_file=ul2_flan/trainer_plugin/configs/models/tiny_t5.gin',
      f'--gin_file=ul2_flan/trainer_plugin/configs/runs/{name}.gin',
    ]
    for name in STAGES
  ]


def test_relative_paths_become_absolute(t5x, manifests, tmp_path, monkeypatch):
  commands, _ = t5x
  monkeypatch.chdir(tmp_path)
  given = ['--model=tiny_t5', '--model_dir=models', '--manifest=flan=data/flan']
  given += ['--eval', 'data/ul2r', '--checkpoint=c/checkpoint_7']
  assert stages.main(given) == 0
  assert bindings(commands[0]) == {
    'MANIFEST': manifests['flan'],
    'MODEL_DIR': f'{tmp_path}/models/flan',
    'INITIAL_CHECKPOINT_PATH': f'{tmp_path}/c/checkpoint_7',
    'EVAL_MANIFESTS': [manifests['ul2r']],
  }


def test_what_is_done_is_skipped(t5x, arguments, capsys):
  commands, _ = t5x
  assert stages.main(arguments) == 0
  assert len(commands) == 2
  capsys.readouterr()
  assert stages.main(arguments) == 0
  assert len(commands) == 2
  assert 'flan: ' in capsys.readouterr().out


def test_a_stage_that_failed_is_run_again(t5x, arguments, capsys):
  commands, statuses = t5x
  statuses += [0, 3]
  assert stages.main(arguments) == 3
  assert 'flan stopped with status 3' in capsys.readouterr().err
  assert stages.main(arguments) == 0
  assert [bindings(c)['MODEL_DIR'][-4:] for c in commands] == [
    'ul2r', 'flan', 'flan'
  ]  # fmt: skip
  assert commands[1] == commands[2]


def test_the_record_says_what_was_run(t5x, arguments, manifests, tmp_path):
  stages.main(arguments)
  found = record.read(f'{tmp_path}/models')
  assert list(found) == ['ul2r', 'flan']
  assert found['flan'].config == 'STAGE = 2'
  assert found['flan'].last == f'{tmp_path}/models/flan/checkpoint_18'
  assert found['ul2r'].manifest == f'{manifests["ul2r"]}/manifest.json'
  assert found['ul2r'].versions['seqio'] == '0.0.20'
  assert found['ul2r'].versions['t5x'] == 'the t5x'
  record.write(f'{tmp_path}/other', found)
  assert record.read(f'{tmp_path}/other') == found


def test_other_settings_are_refused(t5x, arguments, capsys):
  commands, _ = t5x
  assert stages.main([*arguments, '--flan.STEPS=5']) == 0
  capsys.readouterr()
  assert stages.main([*arguments, '--flan.STEPS=6']) == 2
  message = capsys.readouterr().err
  assert '- --gin.STEPS=5\n  + --gin.STEPS=6' in message
  assert len(commands) == 2


@pytest.mark.parametrize('first', [None, 7, 8])
def test_a_first_start_that_fails_locks_nothing(
  t5x, arguments, tmp_path, monkeypatch, first
):
  """T5X saves the checkpoint of step 7 before it takes a step."""
  commands, _ = t5x
  given = [*arguments, '--checkpoint=/c/checkpoint_7']
  folder = tmp_path / 'models' / 'ul2r'

  def fails(command, check):
    commands.append(command)
    if first:
      (folder / f'checkpoint_{first}').mkdir(parents=True)
    return subprocess.CompletedProcess(command, 1)

  with monkeypatch.context() as patch:
    patch.setattr(stages.subprocess, 'run', fails)
    assert stages.main([*given, '--ul2r.STEPS=5']) == 1
  status = stages.main([*given, '--ul2r.STEPS=6'])
  if first == 8:
    # A step was taken with the old settings.
    assert (status, len(commands)) == (2, 1)
    return
  assert (status, len(commands)) == (0, 3)
  names = {path.name for path in folder.glob('checkpoint_?*')}
  assert names == {'checkpoint_18', 'checkpoint_99.orbax-checkpoint-tmp'}


@pytest.mark.usefixtures('t5x')
def test_a_first_start_that_fails_is_gone_on_with(
  arguments, tmp_path, monkeypatch
):
  made = tmp_path / 'models' / 'ul2r' / 'checkpoint_0'

  def fails(command, check):
    made.mkdir(parents=True)
    return subprocess.CompletedProcess(command, 1)

  with monkeypatch.context() as patch:
    patch.setattr(stages.subprocess, 'run', fails)
    assert stages.main(arguments) == 1
  assert stages.main(arguments) == 0
  assert made.is_dir()


def test_other_hosts_and_another_coordinator_are_the_same_run(t5x, arguments):
  commands, _ = t5x
  flags = ['--multiprocess_gpu', '--process_count=2']
  first = ['--process_index=0', '--coordinator_address=10.0.0.1:8476']
  other = ['--process_index=1', '--coordinator_address=10.0.0.2:8476']
  assert stages.main([*arguments, *flags, *first]) == 0
  assert list(commands[0][-4:]) == [*flags, *first]
  assert stages.main([*arguments, *flags, *other]) == 0
  assert len(commands) == 2
  assert stages.main([*arguments, '--process_count=4', *other]) == 2


def test_other_data_is_refused(t5x, arguments, manifests, capsys):
  assert stages.main(arguments) == 0
  Path(manifests['ul2r'], 'manifest.json').write_text('{"name": "new"}')
  assert stages.main(arguments) == 2
  assert 'is not what it was' in capsys.readouterr().err


def test_a_dry_run_prints_and_does_nothing(t5x, arguments, tmp_path, capsys):
  commands, _ = t5x
  assert stages.main([*arguments, '--dry_run']) == 0
  printed = capsys.readouterr().out
  assert printed.count('-m t5x.train') == 2
  assert f'{tmp_path}/models/ul2r/checkpoint_<last>' in printed
  assert not commands
  assert not (tmp_path / 'models').exists()


def test_benchmarks_are_a_row_for_each_checkpoint(
  t5x, arguments, tmp_path, capsys
):
  commands, _ = t5x
  given = [*arguments, '--checkpoint=/c/checkpoint_7', '--benchmarks=/eval']
  given += ['--eval.NUM_EXAMPLES=2', '--flan.STEPS=9']
  assert stages.main(given) == 0
  models = f'{tmp_path}/models'
  evaluations = [bindings(c) for c in commands if 't5x.eval' in c]
  assert evaluations == [
    {
      'MANIFEST': '/eval',
      'CHECKPOINT_PATH': checkpoint,
      'EVAL_OUTPUT_DIR': f'{models}/benchmarks/{name}',
      'NUM_EXAMPLES': 2,
    }
    for name, checkpoint in (
      ('first', '/c/checkpoint_7'),
      ('ul2r', f'{models}/ul2r/checkpoint_18'),
      ('flan', f'{models}/flan/checkpoint_36'),
    )
  ]
  said = capsys.readouterr().out
  rows = [line.split() for line in said.splitlines()]
  for name in ('first', 'ul2r', 'flan'):
    assert [name, '-', '-', '-', '50.0', '-', '-', '-'] in rows
  assert 'Flan-T5-xl                19.1' in said
  # A second time all is there, and only told.
  assert stages.main(given) == 0
  assert len(commands) == 5
  assert '\nflan ' in capsys.readouterr().out


def test_benchmarks_that_stop_end_the_command(t5x, arguments, tmp_path, capsys):
  commands, statuses = t5x
  given = [*arguments, '--benchmarks=/eval']
  statuses += [0, 1]
  assert stages.main(given) == 1
  assert 'benchmarks of ul2r stopped with status 1' in capsys.readouterr().err
  mark = tmp_path / 'models/benchmarks/ul2r'
  assert [bindings(c).get('EVAL_OUTPUT_DIR') for c in commands] == [
    None, str(mark)
  ]  # fmt: skip


def test_bindings_of_no_benchmarks_are_refused(t5x, arguments, capsys):
  commands, _ = t5x
  assert stages.main([*arguments, '--eval.X=1']) == 2
  assert 'there is no --benchmarks DIR' in capsys.readouterr().err
  assert not commands


def test_benchmarks_run_on_all_hosts(t5x, arguments, capsys):
  commands, _ = t5x
  given = ['--benchmarks=/eval', '--tfds_data_dir=/t', '--multiprocess_gpu']
  with pytest.raises(SystemExit):
    stages.main([*arguments, *given, '--process_count=two'])
  assert 'invalid int value' in capsys.readouterr().err
  assert not commands
  assert stages.main([*arguments, *given, '--process_count=2']) == 0
  for command in commands[1::2]:
    assert command[1:6] == [
      *('-m', 'ul2_flan.trainer_plugin', 't5x.eval'),
      *('--multiprocess_gpu', '--process_count=2'),
    ]
    assert '--tfds_data_dir=/t' not in command


def test_missing_data_is_named(t5x, tmp_path, capsys):
  given = [
    '--model=tiny_t5',
    '--manifest=flan=/none',
    f'--model_dir={tmp_path}',
  ]
  assert stages.main(given) == 2
  assert 'no manifest /none/manifest.json' in capsys.readouterr().err


def test_t5x_is_missing(monkeypatch, arguments, capsys):
  monkeypatch.setattr(stages.util, 'find_spec', lambda name: None)
  assert stages.main(arguments) == 2
  assert 'T5X' in capsys.readouterr().err


def test_a_missing_flag_is_one_line(capsys):
  with pytest.raises(SystemExit) as stopped:
    stages.main(['--model=tiny_t5', '--model_dir=/m'])
  assert stopped.value.code == 2
  assert capsys.readouterr().err == (
    'error: the following arguments are required: --manifest. See '
    '`python -m ul2_flan.trainer_plugin.stages --help`\n'
  )
