"""A miss says what was looked for, and what is near."""

import pytest

from ul2_flan.pipelines.task_sources import Index, looked_for, near
from ul2_flan.tasks import catalog


@pytest.mark.parametrize(
  ('task', 'names'),
  [
    (
      'flan2021:bool_q',
      ('google/boolq/train*.parquet', ' boolq/train*.parquet', "TFDS's "),
    ),
    ('t0_sf:adversarial_qa_dbert_answer_the_following_q', ('dbert', '.jsonl')),
    ('cot:gsm8k', ('gsm8k_train.tsv',)),
    ('flan2021:cola', ('glue/cola/train*.parquet', 'CoLA/train.tsv')),
  ],
)
def test_all_names_of_a_task_are_told(task: str, names: tuple[str, ...]):
  told = looked_for(catalog.load(task), ['/data', '/more'])
  assert told.endswith(' below /data, /more')
  for name in names:
    assert name in told


@pytest.mark.parametrize(
  ('task', 'path', 'told'),
  [
    (
      'flan2021:cola',
      '/d/glue/cola/training.csv',
      '/d/glue/cola has training.csv',
    ),
    ('flan2021:cola', '/d/CoLA_1/x.csv', '/d/CoLA_1'),
    ('cot:gsm8k', '/d/gsm8k-train.txt', '/d/gsm8k-train.txt'),
    ('niv2:task001_quoref_question_generation', '/d/x/readme', ''),
  ],
)
def test_what_is_near_is_told(task: str, path: str, told: str):
  assert near(catalog.load(task), Index([(path, 1)])) == told
