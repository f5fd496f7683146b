"""Files of the suites are known by their names."""

import pytest
from support.evaluation.suite_files import BBES, BBH, MGSM, MMLU, TYDIQA

from ul2_flan.tasks.evaluation.reading import find
from ul2_flan.tasks.evaluation.suites import load

FILES = {'bbes': BBES, 'bbh': BBH, 'mgsm': MGSM, 'mmlu': MMLU, 'tydiqa': TYDIQA}


def seen(suite, *paths):
  return [(f.what, f.key, f.split) for f in find(load(suite), paths)]


def test_all_files_of_a_suite_are_found_and_no_other():
  every = [path for files in FILES.values() for path in files]
  for suite, files in FILES.items():
    assert [f.path for f in find(load(suite), every)] == sorted(files)


@pytest.mark.parametrize(
  ('suite', 'path', 'found'),
  [
    ('mmlu', 'val/anatomy_val.csv', ('questions', 'anatomy', 'validation')),
    ('mmlu', 'anatomy_dev.csv.gz', ('questions', 'anatomy', 'dev')),
    ('mmlu', '_cot_prompts.json', ('prompts', '', '')),
    ('mmlu', 'x/cot_prompts.json.gz', ('prompts', '', '')),
    ('mmlu', 'all/test-00000-of-00001.parquet', ('questions', '', 'test')),
    (
      'mmlu',
      'anatomy/dev-00000-of-00001.parquet',
      ('questions', 'anatomy', 'dev'),
    ),
    (
      'mmlu',
      'anatomy/validation.jsonl.gz',
      ('questions', 'anatomy', 'validation'),
    ),
    ('mmlu', 'anatomy/test/0000.parquet', ('questions', 'anatomy', 'test')),
    (
      'mmlu',
      'all/validation/data-00000-of-00001.arrow',
      ('questions', '', 'validation'),
    ),
    ('bbh', 'bbh/snarks.json', ('questions', 'snarks', 'test')),
    ('bbh', 'snarks/test-0.parquet', ('questions', 'snarks', 'test')),
    ('bbh', 'cot-prompts/snarks.txt', ('prompts', 'snarks', '')),
    ('bbes', 'bigbench/snarks/task.json', ('questions', 'snarks', 'test')),
    (
      'bbes',
      'x/unit_interpretation/lv2/task.json.gz',
      ('questions', 'unit_interpretation_lv2', 'test'),
    ),
    ('mgsm', 'mgsm_sw.tsv', ('questions', 'sw', 'test')),
    ('mgsm', 'exemplars.py.txt', ('exemplars', '', '')),
    ('tydiqa', 'tydiqa-goldp-v1.1-dev.json', ('questions', '', 'validation')),
    (
      'tydiqa',
      'tydiqa-goldp-dev-finnish.json',
      ('questions', '', 'validation'),
    ),
    ('tydiqa', 'secondary_task/train-0.parquet', ('questions', '', 'train')),
    ('tydiqa', 'xquad.zh.json', ('questions', 'zh', 'validation')),
    (
      'tydiqa',
      'xquad.th/validation-00000-of-00001.parquet',
      ('questions', 'th', 'validation'),
    ),
  ],
)
def test_names(suite, path, found):
  assert seen(suite, path) == [found]


@pytest.mark.parametrize(
  ('suite', 'path'),
  [
    ('mmlu', 'anatomi_dev.csv'),
    ('mmlu', 'auxiliary_train/train.parquet'),
    ('bbh', 'bigbench/snarks/task.json'),
    ('bbh', 'snarks_few_shot_template_0-255000.json'),
    ('bbh', 'README.txt'),
    ('bbes', 'unit_interpretation/task.json'),
    ('bbes', 'snarks/results/task_1.json'),
    ('bbes', 'task.json'),
    ('bbh', 'snarks/test/cache-0.arrow'),
    ('bbh', 'test/0000.parquet'),
    ('mgsm', 'mgsm_fi.tsv'),
    ('tydiqa', 'tydiqa-v1.0-dev.jsonl'),
    ('tydiqa', 'primary_task/train-0.parquet'),
  ],
)
def test_other_files(suite, path):
  assert seen(suite, path) == []
