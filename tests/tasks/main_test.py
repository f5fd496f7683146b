"""The commands for people."""

from __future__ import annotations

import json

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.__main__ import main
from ul2_flan.tasks.evaluation import suites as evaluation_suites
from ul2_flan.tasks.rendering.templates.family import families


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
  assert main(['list', '--suite', 'niv2', '--language', 'fi']) == 0
  out = capsys.readouterr().out
  assert 'niv2:task1650_opus_books_en_fi_translation' in out
  assert "3 tasks, 2,213 examples by others' counts" in out
  rows = out.splitlines()
  start = rows[0].index('licence')
  # The repository's licence is not that of the data in it.
  assert [row[start:].split()[0] for row in rows[1:4]] == [
    'Apache-2.0', 'Apache-2.0', 'copyright-free'
  ]  # fmt: skip


def test_sources_are_a_table_or_json_with_a_line_for_every_task(
  capsys: pytest.CaptureFixture[str],
) -> None:
  assert main(['sources', '--json']) == 0
  told = json.loads(capsys.readouterr().out)
  names = [task.name for task in catalog.tasks()]
  assert [one['task'] for one in told[: len(names)]] == names
  suites = [*('mmlu', 'bbh', 'mgsm', 'tydiqa', 'bbes', 'nlp', 'flan_templates')]
  assert set(suites) == set(evaluation_suites.names())
  assert [one['task'] for one in told[len(names) :]] == suites
  assert main(['sources', '--suite', 'dialog']) == 0
  out = capsys.readouterr().out
  assert 'git repository apple/ml-qrecc' in out
  assert out.rstrip().endswith('is UNKNOWN (--json says who states it)')
  assert main(['sources', '--suite', 'mmlv']) == 2
  assert "Did you mean 'mmlu'" in capsys.readouterr().err


def test_tasks_are_listed_by_licence_and_by_whether_they_can_be_had(
  capsys: pytest.CaptureFixture[str],
) -> None:
  assert main(['list', '--licence', 'mit', '--available']) == 0
  out = capsys.readouterr().out
  assert 'flan2021:hellaswag' in out
  assert 'Apache' not in out
  assert main(['list', '--suite=cot', '--licence', 'gpl*']) == 2
  assert 'no task fits --suite cot --licence gpl*' in capsys.readouterr().err
  assert main(['list', '--licence', 'mit,,']) == 2
  assert "--licence 'mit,,': give patterns" in capsys.readouterr().err


def test_tasks_for_evaluation_are_listed_and_shown_beside_the_others(
  capsys: pytest.CaptureFixture[str],
) -> None:
  assert main(['list', '--language', 'fi', '--licence', 'apache*']) == 0
  out = capsys.readouterr().out
  assert 'tydiqa:fi' in out
  assert 'mmlu' not in out
  assert main(['list', '--suite', 'bbh', '--available']) == 0
  out = capsys.readouterr().out
  assert '27 tasks for evaluation' in out
  assert 'cot:' not in out
  assert main(['show', 'bbh:snarks']) == 0
  assert 'kind         evaluation' in capsys.readouterr().out
  assert main(['list', '--suite', 'mmlv']) == 2
  assert "Did you mean 'mmlu'" in capsys.readouterr().err


def test_list_all(capsys: pytest.CaptureFixture[str]) -> None:
  assert main(['list', '--all', '--category', 'translation']) == 0
  assert 'flan2021:wmt14_enfr' in capsys.readouterr().out


def test_list_all_says_why_a_task_is_left_out(
  capsys: pytest.CaptureFixture[str],
) -> None:
  assert main(['list', '--all', '--suite', 'niv2']) == 0
  header, *rows = capsys.readouterr().out.splitlines()
  at = header.index('left out')
  assert sum(row[at:].startswith('mmlu_related') for row in rows) == 57
  assert main(['list', '--suite', 'niv2']) == 0
  assert 'left out' not in capsys.readouterr().out


def test_show_has_no_line_for_what_is_not_known(
  capsys: pytest.CaptureFixture[str],
) -> None:
  task = 't0_sf:ag_news_classify'
  assert not catalog.load(task).category
  assert main(['show', task]) == 0
  out = capsys.readouterr().out
  assert 'category' not in out.partition('Family')[0]
  assert '  left out     in_flan2021' in out


@pytest.mark.parametrize('family', families())
def test_show(family: str, capsys: pytest.CaptureFixture[str]) -> None:
  task = next(t for t in catalog.tasks() if t.family == family)
  assert main(['show', task.name, '--seed', '1']) == 0
  out = capsys.readouterr().out
  assert f'\n  data set     {task.dataset}\n' in out
  for setting in ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt'):
    assert f'--- {setting}, ' in out
  assert '--- template 0' in out


def test_show_unknown(capsys: pytest.CaptureFixture[str]) -> None:
  assert main(['show', 'cot:gsm8']) == 2
  assert "Did you mean 'cot:gsm8k'" in capsys.readouterr().err


@pytest.mark.parametrize(
  ('given', 'meant'),
  [
    ('gsm8k', 'cot:gsm8k'),
    ('GSM8K', 'cot:gsm8k'),
    ('BOOL_Q', 'flan2021:bool_q'),
    ('bool-q', 'flan2021:bool_q'),
    ('flan2021:BOOL_Q', 'flan2021:bool_q'),
  ],
)
def test_show_by_part_of_a_name(
  given: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
  assert main(['show', given]) == 2
  assert f"Did you mean '{meant}'" in capsys.readouterr().err


def test_show_says_nothing_of_templates_that_are_not_there(
  capsys: pytest.CaptureFixture[str],
) -> None:
  assert main(['show', 'cot:gsm8k', '--templates', '/no/such/folder']) == 2
  shown = capsys.readouterr()
  assert 'has no templates' in shown.err
  assert not shown.out


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    (['--suite', 'niv'], "Did you mean 'niv2'"),
    (['--category', 'translaton'], "Did you mean 'Translation'"),
    (
      ['--suite', 'cot', '--language', 'fi'],
      'no task fits --suite cot --language fi: leave one of them out, or add',
    ),
  ],
)
def test_list_of_nothing(
  flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
  assert main(['list', *flags]) == 2
  shown = capsys.readouterr()
  assert message in shown.err
  assert not shown.out


@pytest.mark.parametrize(
  ('argv', 'line'),
  [
    (
      ['show'],
      'error: the following arguments are required: task. See '
      '`ul2-flan tasks show --help`',
    ),
    (
      ['list', '--langage', 'fi'],
      'error: unrecognized arguments: --langage fi. See '
      '`ul2-flan tasks list --help`',
    ),
  ],
)
def test_a_wrong_flag_is_one_line_that_says_where_help_is(
  argv: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
  with pytest.raises(SystemExit) as stopped:
    main(argv, prog='ul2-flan tasks')
  assert stopped.value.code == 2
  assert capsys.readouterr() == ('', f'{line}\n')
