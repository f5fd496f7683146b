"""The tables of the suites."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites

COUNTS = {
  'bbes': (24, 24),
  'bbh': (27, 27),
  'flan_templates': (35, 35),
  'mgsm': (10, 11),
  'mmlu': (57, 57),
  'nlp': (26, 26),
  'tydiqa': (8, 18),
}


@pytest.mark.parametrize('name', suites.names())
def test_a_suite_has_its_tasks(name):
  suite = suites.load(name)
  counted = [task for task in suite.tasks.values() if task.category]
  assert (len(counted), len(suite.tasks)) == COUNTS[name]
  for task in suite.tasks.values():
    assert suite.task(task.name) is suite.task(task.key) is task
    assert 0 <= task.random <= 50


def test_bbh_is_as_the_papers_count_it():
  suite = suites.load('bbh')
  tasks = suite.tasks.values()
  assert len({task.family for task in tasks}) == 23
  assert [t.category for t in tasks].count('algorithmic') == 15
  # A number of our own, from the options of all 6,511 examples.
  assert suite.random == pytest.approx(26.62, abs=0.005)


def test_no_suite_is_trained_on():
  assert not {*suites.names()} & {*catalog.suites()}
  assert not any(
    name.startswith(tuple(f'{s}:' for s in suites.names()))
    for name in (task.name for task in catalog.tasks(left_out=True))
  )


@pytest.mark.parametrize(
  ('wrong', 'message'),
  [
    (lambda: suites.load('bhb'), "Did you mean 'bbh'"),
    (lambda: suites.load('bbh').task('snark'), "Did you mean 'snarks'"),
    (
      lambda: suites.load('mmlu').task('bbh:snarks'),
      'unknown task of the suite',
    ),
    (lambda: suites.load('tydiqa').variant('cot'), 'Known: direct'),
    (
      lambda: suites.Variant(prompt='', extractor='hole', rule='exact'),
      "'whole'",
    ),
    (
      lambda: suites.Variant(prompt='', extractor='whole', rule='exac'),
      "'exact'",
    ),
  ],
)
def test_what_is_not_there(wrong, message):
  with pytest.raises(UserError, match=message):
    wrong()
