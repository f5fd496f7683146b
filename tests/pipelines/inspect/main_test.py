"""`inspect` shows examples in the terminal, and says where nothing fits."""

import pytest

from ul2_flan.pipelines.inspect import __main__ as inspect
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize('name', ['ul2', 'flan', 'packed'])
def test_each_kind_is_shown(shown_runs, name: str, capsys):
  run = shown_runs[name]
  assert inspect.main([run.output]) == 0
  said = capsys.readouterr().out
  groups = {'flan': 4, 'ul2': 1, 'packed': 1}[name]
  assert said.count(', record ') == groups
  assert 'inputs ' in said
  assert '\x1b' not in said


def test_what_became_of_a_row_is_told(shown_runs, capsys):
  output = shown_runs['flan'].output
  assert inspect.main([output, '--row', 'gsm8k_train.tsv:7']) == 0
  said = capsys.readouterr().out
  assert 'flan:cot:gsm8k:zs_opt' in said
  assert 'flan:cot:gsm8k:fs_opt' in said
  assert inspect.main([output, '--row', 'gsm8k_train.tsv:7777']) == 1
  said = capsys.readouterr().out
  assert said.startswith(f'nothing in {output} fits --row gsm8k_train.tsv:7777')
  output = shown_runs['ul2'].output
  assert inspect.main([output, '--search', 'not json']) == 0
  assert 'reason    not_json' in capsys.readouterr().out


def test_as_many_as_are_asked_for(shown_runs, capsys):
  output = shown_runs['packed'].output
  assert inspect.main([output, '--examples', '3']) == 0
  said = capsys.readouterr().out
  assert said.count(', record ') == 3
  # The first shard's members are known.
  assert 'example 1, of ' in said
  with pytest.raises(UserError, match='--examples is 0'):
    inspect.main([output, '--examples', '0'])
