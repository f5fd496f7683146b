"""`ul2-flan` finds the commands; a mistake is a line that leads to help."""

import subprocess
import sys

import pytest

from ul2_flan.pipelines import __main__ as commands
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize('argv', [[], ['--help'], ['-h']])
def test_help_lists_every_command_with_what_it_does(argv, capsys):
  assert commands.main(argv) == 0
  said = capsys.readouterr().out
  assert said.startswith('usage: ul2-flan COMMAND ...\n')
  for name, (_, about) in commands.COMMANDS.items():
    assert f'\n  {name:15}{about}\n' in said
  assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize('name', commands.COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys):
  with pytest.raises(SystemExit, match='0'):
    commands.main([name, '--help'])
  assert capsys.readouterr().out.startswith(f'usage: ul2-flan {name} ')


def test_an_unknown_command_is_told_with_the_nearest():
  with pytest.raises(UserError) as error:
    commands.main(['verfy', 'out'])
  said = str(error.value)
  assert said.startswith("unknown command 'verfy'. Did you mean 'verify'?")
  assert said.endswith('See `ul2-flan --help`')


@pytest.mark.parametrize(
  ('argv', 'start'),
  [
    (['tasks', 'list', '--suite', 'cot'], 'task  '),
    (['mixtures', 'show', 'flan2022_b'], 'flan2022_b'),
    (['template', 'ul2'], '{\n  "name": "ul2-flan: ul2"'),
  ],
)
def test_commands_that_need_no_data_answer(argv, start: str, capsys):
  assert commands.main(argv) == 0
  assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(
  ('argv', 'message', 'command'),
  [
    (['ul2'], 'the following arguments are required: --input, ', 'ul2'),
    (
      ['ul2', '--input=a', '--vocabulary=v'],
      'the following arguments are required: --output',
      'ul2',
    ),
    (['flan', '--cap=x'], "argument --cap: invalid int value: 'x'", 'flan'),
    (['mix', '--pack=x'], "argument --pack: invalid choice: 'x'", 'mix'),
    (
      [
        *('ul2', '--input=a', '--vocabulary=v', '--output=o'),
        '--num_workers=x',
      ],
      "argument --num_workers: invalid int value: 'x'",
      'ul2',
    ),
    (['verify'], 'the following arguments are required: OUT', 'verify'),
    (
      ['show', 'cot:gsm8k'],
      'the following arguments are required: --s',
      'show',
    ),
    (['template', 'ul3'], 'argument pipeline: invalid choice', 'template'),
    (['mixtures', 'show'], 'the following arguments are r', 'mixtures show'),
    (['tasks', 'list', '--wrong=a'], 'unrecognized arguments', 'tasks list'),
  ],
)
def test_a_wrong_flag_is_a_line_and_status_2(argv, message, command, capsys):
  with pytest.raises(SystemExit, match='2'):
    commands.main(argv)
  out, said = capsys.readouterr()
  assert out == ''
  assert said.startswith(f'error: {message}')
  assert said.endswith(f'. See `ul2-flan {command} --help`\n')
  assert said.count('\n') == 1


@pytest.mark.parametrize(
  ('argv', 'message'),
  [
    (['ul2', '--inputs=a'], r"flag '--inputs'. Did you mean '--input'\?"),
    (['verify', 'out', '--fast'], r"unknown flag '--fast'.*`ul2-flan verify"),
    (['verify', 'nowhere'], 'there is no nowhere/manifest.json'),
  ],
)
def test_so_are_other_mistakes(argv, message: str):
  with pytest.raises(UserError, match=message):
    commands.main(argv)


def test_the_process_prints_a_mistake_and_exits_with_2():
  done = subprocess.run(
    [sys.executable, '-m', 'ul2_flan.pipelines', 'ul3'],
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 2
  assert done.stdout == ''
  assert done.stderr.startswith("error: unknown command 'ul3'.")
  assert done.stderr.count('\n') == 1
