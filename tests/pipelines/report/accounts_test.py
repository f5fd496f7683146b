"""Each stage adds up, and each reason is told once."""

import pytest

from ul2_flan.pipelines.report import accounts
from ul2_flan.tasks.manifest import Manifest


@pytest.mark.parametrize('name', ['ul2', 'flan', 'packed'])
def test_shares_are_all_of_a_stage(shown_runs, name: str):
  stages = accounts.stages(shown_runs[name].manifest)
  assert stages
  for stage in stages:
    assert sum(s.count for s in stage.shares) == stage.total
    assert sum(s.of for s in stage.shares) == pytest.approx(1)
    assert 0 < stage.used <= 1
    used = [s.outcome == 'used' for s in stage.shares]
    assert used == sorted(used, reverse=True)


def test_stages_follow_the_path_of_the_data(shown_runs):
  def titles(name: str) -> list[tuple[str, bool]]:
    stages = accounts.stages(shown_runs[name].manifest)
    return [(s.title, s.follows) for s in stages]

  assert titles('ul2') == [
    ('documents read', False), ('tokens of their text', True)
  ]  # fmt: skip
  assert titles('flan')[0] == ('rows read', False)
  assert titles('flan')[1][1]
  assert titles('packed')[:2] == [
    ('places of the mixture, train', False),
    ('tokens of room for packed inputs, train', True),
  ]


def test_tokens_are_divided_among_denoisers(shown_runs):
  _, tokens = accounts.stages(shown_runs['ul2'].manifest)
  used = {s.label for s in tokens.shares if s.outcome == 'used'}
  assert used >= {'r_3_15', 's_50'}


def test_faults_come_before_rules(shown_runs):
  reasons = accounts.faults(shown_runs['ul2'].manifest)
  assert reasons == {'not_json': (1, True), 'empty': (1, False)}
  run = {
    'counts': {
      'cot:a': {'read': 9, 'dropped/over_cap': 5, 'rejected/not_json': 2},
      'cot:b': {'read': 3, 'rejected/not_json': 1, 'dropped/no_label': 2},
      'f:cot:a:zs_opt': {'rows': 2, 'dropped/inputs_too_long': 2},
    }
  }
  manifest = Manifest('f', {}, {}, False, {}, {}, run)
  assert list(accounts.faults(manifest).items()) == [
    ('not_json', (3, True)),
    ('over_cap', (5, False)),
    ('no_label', (2, False)),
  ]


def test_questions_are_asked_or_rejected():
  numbers = {
    'questions': 9,
    'prompts': 7,
    'rejected/inputs_too_long': 2,
    'data/test/all/examples': 7,
  }
  run = {'counts': {'e:mmlu:anatomy:cot': numbers}}
  manifest = Manifest('e', {}, {}, False, {}, {}, run)
  (stage,) = accounts.stages(manifest)
  assert (stage.total, stage.used) == (9, pytest.approx(7 / 9))
  assert accounts.faults(manifest) == {'inputs_too_long': (2, True)}
