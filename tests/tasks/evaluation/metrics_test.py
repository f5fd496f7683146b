"""Every task can be evaluated, in every setting."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.evaluation import KINDS, evaluation_of, metrics, scoring
from ul2_flan.tasks.rendering.templates.family import families
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting

TASKS = list(catalog.tasks(left_out=True))
ZERO_SHOT = Setting.parse('zs_opt')


def test_the_table_has_every_family_and_no_other():
  assert set(metrics.table()['families']) == set(families())
  assert set(metrics.table()) == {'families', 'p3_question_answer'}
  for family, by_category in metrics.table().items():
    known = {task.category for task in TASKS if task.family == family}
    assert family == 'families' or set(by_category) <= known
    assert set(by_category.values()) <= set(KINDS)


def test_every_task_has_a_kind_that_can_be_scored():
  found = {evaluation_of(task, ZERO_SHOT) for task in TASKS}
  assert {name.partition(':')[0] for name in found} == set(KINDS)
  for name in found:
    assert callable(scoring(name).metric_fn)


@pytest.mark.parametrize(
  'task', [t for t in TASKS if t.labels], ids=lambda t: t.name
)
def test_labels_go_along(task):
  kind, _, labels = evaluation_of(task, ZERO_SHOT).partition(':')
  assert tuple(labels.split('|')) == task.labels
  if kind in ('f1', 'matthews'):
    assert len(task.labels) == 2
  if kind == 'f1':
    assert task.labels[1] == 'yes'
  if kind == 'correlation':
    assert task.labels == tuple(map(str, range(len(task.labels))))


def test_only_a_chain_of_thought_is_looked_into():
  task = catalog.load('cot:gsm8k')
  for setting in SETTINGS:
    direct = setting.reasoning == 'direct'
    assert evaluation_of(task, setting) == (
      'accuracy' if direct else 'reasoning'
    )


@pytest.mark.parametrize(
  ('name', 'kind'),
  [
    ('flan2021:wmt16_translate_fien', 'bleu'),
    ('t0_sf:race_high_Write_a_multi_choice_question_options_given_', 'squad'),
    ('t0_sf:adversarial_qa_dbert_generate_question', 'rouge'),
    ('niv2:task001_quoref_question_generation', 'rouge_l'),
    ('niv2:task251_spl_translation_en_fi', 'rouge_l_unicode'),
  ],
)
def test_examples(name, kind):
  assert evaluation_of(catalog.load(name), ZERO_SHOT) == kind


def test_a_family_of_the_users_own():
  task = catalog.unlisted('t0_sf', 'x')
  for options, kind in (('none', 'rouge_l'), ('choices', 'accuracy')):
    own = catalog.Task(
      name='flan2021:own',
      suite='flan2021',
      family='own_family',
      dataset='own',
      category='own',
      languages=('en',),
      sources=task.sources,
      cap=1,
      options=options,
    )
    assert evaluation_of(own, ZERO_SHOT) == kind
