"""What the command prints of mixtures."""

import pytest
from support import manifests
from support.collection_runs import flan_run, ul2_run

from ul2_flan.mixtures.__main__ import main
from ul2_flan.mixtures.definition import shipped
from ul2_flan.tasks import catalog
from ul2_flan.tasks.manifest import Manifest


@pytest.fixture
def write(tmp_path):
  def write(run: Manifest) -> str:
    folder = tmp_path / run.name
    folder.mkdir()
    (folder / 'manifest.json').write_bytes(manifests.to_json(run))
    return str(folder)

  return write


def test_list_has_all(capsys):
  assert main(['list']) == 0
  lines = capsys.readouterr().out.splitlines()
  assert [line.split()[0] for line in lines[1:]] == list(shipped())


@pytest.mark.parametrize('name', shipped())
def test_show_without_runs_says_what_it_is_made_of(name, capsys):
  assert main(['show', name]) == 0
  out = capsys.readouterr().out
  assert shipped()[name].description in out
  assert 'give --manifest' in out


def test_show_is_short_for_the_whole_collection(write, capsys):
  assert main(['show', 'flan2022_b', '--manifest', write(flan_run())]) == 0
  lines = capsys.readouterr().out.splitlines()
  assert len(lines) < 25
  (niv2,) = (line for line in lines if line.startswith('niv2 '))
  assert niv2.split()[1:3] == ['1,556', '3,112']
  assert '24.22%' in niv2


def test_tasks_and_what_is_missing(write, capsys):
  tasks = [catalog.load('cot:gsm8k'), catalog.load('cot:aqua')]
  folders = [write(flan_run(tasks=tasks, settings=['zs_opt']))]
  folders.append(write(ul2_run('ul2r')))
  flags = ['--manifest', *folders, '--tasks', '--num_examples', '20000']
  assert main(['show', 'flan2022_9_tasks', *flags]) == 0
  out = capsys.readouterr().out
  (gsm8k,) = (x for x in out.splitlines() if x.startswith('flan:cot:gsm8k'))
  # 20,000 · 7,473 / (7,473 + 2,728) of 7,473.
  assert gsm8k.split() == [
    'flan:cot:gsm8k:zs_opt', '7,473', '100,000', '73.2575%', '73.2575%', '1.96'
  ]  # fmt: skip
  assert 'missing in flan2022_9_tasks: all in fs_opt' in out
  assert 'missing in flan2022_9_tasks: 7 in zs_opt (cot:' in out
  assert 'missing in flan2022_9_tasks: cot:qasc zs_opt' in out


def test_own_definitions(tmp_path, capsys):
  file = tmp_path / 'mine.toml'
  file.write_text('[[mixtures]]\nname = "mine"\nsuites = ["cot"]\n')
  assert main(['list', '--definitions', str(file)]) == 0
  assert 'mine' in capsys.readouterr().out
  assert main(['show', 'mine', '--definitions', str(file)]) == 0


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    (['flan2022b'], 'Did you mean'),
    (['cot', '--manifest', '/nowhere'], "--manifest '/nowhere/manifest.json'"),
    (['cot', '--manifest', 'no://bucket'], "'no://bucket/manifest.json'"),
    (['cot', '--num_examples', '-5'], '--num_examples is -5: it must be at '),
  ],
)
def test_mistakes_are_said_in_one_line(flags, message, capsys):
  assert main(['show', *flags]) == 2
  err = capsys.readouterr().err
  assert err.startswith('error: ')
  assert message in err


@pytest.mark.parametrize(
  ('argv', 'line'),
  [
    (
      ['show', '--num_examples', 'many', 'cot'],
      "error: argument --num_examples: invalid int value: 'many'. See "
      '`ul2-flan mixtures show --help`',
    ),
    (
      ['list', '--suite', 'cot'],
      'error: unrecognized arguments: --suite cot. See '
      '`ul2-flan mixtures list --help`',
    ),
  ],
)
def test_a_wrong_flag_is_one_line_that_says_where_help_is(argv, line, capsys):
  with pytest.raises(SystemExit) as stopped:
    main(argv, prog='ul2-flan mixtures')
  assert stopped.value.code == 2
  assert capsys.readouterr() == ('', f'{line}\n')


def test_help_names_the_command_that_was_typed(capsys):
  with pytest.raises(SystemExit):
    main(['--help'], prog='ul2-flan mixtures')
  assert 'ul2-flan mixtures show flan2022_b' in capsys.readouterr().out


def test_licences_leave_tasks_out(write, capsys):
  tasks = [catalog.load('cot:gsm8k'), catalog.load('cot:aqua')]
  folder = write(flan_run(tasks=tasks, settings=['zs_opt', 'fs_opt']))
  flags = ['--manifest', folder, '--tasks', '--licence', 'mit']
  assert main(['show', 'flan2022_9_tasks', *flags]) == 0
  out = capsys.readouterr().out
  assert 'flan:cot:gsm8k:zs_opt' in out
  assert 'flan:cot:aqua:zs_opt' not in out
  assert 'left out by --licence: 1 tasks, of the licences Apache-2.0' in out
