"""Files of NaturalInstructions are found by task, in the first root."""

from support.task_sources.task_rows import splits_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate
from ul2_flan.pipelines.task_sources.finders import niv2
from ul2_flan.tasks import catalog

NAME = 'task002_quoref_answer_generation'
TASK = catalog.load(f'niv2:{NAME}')


def test_the_second_spelling_of_a_task_is_found(tmp_path):
  """Upstream renamed files that had hyphens."""
  task = next(t for t in catalog.tasks(suite='niv2') if len(t.sources) > 1)
  for i, source in enumerate(task.sources):
    (tmp_path / source.locator).write_text('{}')
    located = locate(task, Index.of([str(tmp_path)]), ReadOptions())
    assert located is not None
    assert located.source == i
    (tmp_path / source.locator).unlink()


def test_a_task_that_is_not_there_is_not_found(tmp_path):
  other = tmp_path / f'{NAME}_2.json'
  other.write_text('{}')
  assert not splits_of(TASK, tmp_path)


def test_files_of_bigbench_stand_in_by_their_number():
  bigbench = [
    '/b/subtask002_quoref_answers/task.json',
    '/b/subtask003_x/task.json',
    '/c/subtask002_quoref.json',
  ]
  named = [f'/n/{NAME}.json', f'/n/deep/{NAME}.json.gz']

  def files(*paths: str) -> list[str]:
    index = Index((path, 1) for path in paths)
    return [file.path for file in niv2.files_of(f'{NAME}.json', index)]

  assert files(*bigbench, *named) == named
  # A file called after the task goes before one in such a folder.
  assert files(*bigbench) == [bigbench[2]]
  assert files(*bigbench[:2]) == [bigbench[0]]
  assert files(bigbench[1]) == []


def test_only_the_first_version_s_tasks_are_bigbench_s_too():
  index = Index([('/b/subtask1002_x.json', 1)])
  assert niv2.files_of('task1002_x.json', index) == []
