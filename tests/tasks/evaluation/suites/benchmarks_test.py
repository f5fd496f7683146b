"""U-PaLM's benchmarks: where each lies, and which of Flan's tasks have it."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.licences import UNKNOWN
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.reading.shapes import SHAPES
from ul2_flan.tasks.evaluation.suites.benchmarks import benchmark_of

NLP = suites.load('nlp')
SHARED = {'suite': 'nlp', 'language': 'en', 'exemplars': 0}
each = pytest.mark.parametrize('key', NLP.tasks)


@each
def test_a_benchmark_says_where_it_is_from(key):
  task = NLP.task(key)
  assert task.paper
  sources = suites.sources_of(task)
  assert {'tfds', 'export'} <= {source.kind for source in sources}
  for source in sources:
    assert task.paper_split in source.splits
    assert not any('[' in split for split in source.splits.values())
    assert source.fields
    if task.form.labels:
      assert len(source.classes) in (0, len(task.form.labels))
  assert task.form.shape in ('', *SHAPES)


@each
def test_a_licence_is_said_once(key):
  task = NLP.task(key)
  if task.of:
    assert task.licence == ''
    assert suites.licence_of(task) == catalog.load(task.of).licence
  assert suites.licence_of(task) != UNKNOWN


@each
def test_flan_trains_on_all_of_them(key):
  task = NLP.task(key)
  names = [*suites.trained_on(task)]
  assert names
  # A name of a data set that no task has is misspelt.
  found = {catalog.load(name).dataset for name in names}
  assert found == {*task.datasets}
  if task.of:
    assert task.of in names


def test_kinds_are_as_the_paper_has_them():
  tasks = NLP.tasks.values()
  assert sum(task.ranked for task in tasks) == 21
  assert all(task.exemplars == (not task.ranked) for task in tasks)
  assert [t.key for t in tasks if t.metric == 'f1a'] == ['multirc']
  tests = {task.key for task in tasks if task.paper_split == 'test'}
  assert tests == {
    'web_questions', 'lambada', 'winograd', 'anli_r1', 'anli_r2', 'anli_r3',
    'story_cloze', 'arc_easy', 'arc_challenge', 'openbookqa', 'race_middle',
    'race_high',
  }  # fmt: skip


def test_a_wrong_key_is_named():
  with pytest.raises(UserError, match=r"n\.toml: it has no 'ask'"):
    benchmark_of(SHARED, 'x', {'asks': '', 'text': ''}, 'n.toml')
