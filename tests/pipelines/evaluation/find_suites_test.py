"""Tasks are found with the files that their prompts need, and no others."""

import pytest

from ul2_flan.pipelines.evaluation.find_suites import (
  find_tasks,
  read_material,
  task_of,
)
from ul2_flan.tasks.errors import UserError


def files_of(config, task: str) -> tuple[str, list[str]]:
  """The split of a task, and the names of its files."""
  for found in find_tasks(config):
    if found.task.name == task:
      paths = (piece.path for piece in found.pieces)
      return found.split, [path.rsplit('/', 1)[1] for path in paths]
  raise AssertionError(task)


@pytest.mark.parametrize(
  ('split', 'found', 'file'),
  [
    ('', 'test', 'anatomy_test.csv'),
    ('paper', 'validation', 'anatomy_val.csv'),
    ('validation', 'validation', 'anatomy_val.csv'),
  ],
)
def test_a_split_is_asked_with_exemplars_of_another(config, split, found, file):
  assert files_of(config(split=split), 'mmlu:anatomy') == (
    found,
    ['anatomy_dev.csv', file, 'mmlu-cot.json'],
  )


def test_where_there_is_no_test_split_it_is_the_papers(config):
  split, files = files_of(config(split=''), 'tydiqa:fi')
  assert split == 'validation'
  assert files == [f'tydiqa-goldp-v1.1-{s}.json' for s in ('dev', 'train')]


@pytest.mark.parametrize(
  'changes', [{'tasks': ['bbh:navigate']}, {'without': ['bbh:snarks']}]
)
def test_only_wanted_tasks_are_looked_for(config, changes):
  names = {t.task.name for t in find_tasks(config(suites=['bbh'], **changes))}
  assert 'bbh:navigate' in names
  assert 'bbh:snarks' not in names


def test_a_source_without_files_is_refused(config, tmp_path):
  with pytest.raises(UserError, match=r'--source bbh: there is no file below'):
    list(find_tasks(config(sources={'bbh': [str(tmp_path / 'x')]})))


def test_files_become_the_material_of_a_task(config):
  (found,) = find_tasks(config(tasks=['mgsm:de'], suites=['mgsm']))
  material = read_material(task_of('mgsm:de'), found.pieces)
  answers = [question.answers for question in material.questions['test']]
  assert answers == [('18',), ('114,200',)]
  assert len(material.chains) == 2
