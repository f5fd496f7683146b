"""Raw rows are found if both they and a template for them are there."""

from pathlib import Path

import pytest
from support.task_sources.pets import options_in, raw_rows, task_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate


@pytest.fixture
def options(tmp_path: Path) -> ReadOptions:
  return options_in(tmp_path)


def test_nothing_is_found_without_rows_or_a_template(
  tmp_path: Path, options: ReadOptions
) -> None:
  index = Index.of([raw_rows(tmp_path)])
  assert locate(task_of('pets_small_who_'), index, ReadOptions()) is None
  assert locate(task_of('pets_small_what'), index, options) is None
  empty = Index([])
  assert locate(task_of('pets_small_who_'), empty, options) is None


def test_a_configuration_may_have_the_name_of_its_data_set(
  tmp_path: Path, options: ReadOptions
) -> None:
  templates = next(Path(options.promptsource).rglob('pets'))
  (templates / 'small' / 'templates.yaml').rename(templates / 'templates.yaml')
  Path(raw_rows(tmp_path)).joinpath('pets/small').rename(tmp_path / 'pets')
  (tmp_path / 'hub' / 'pets').mkdir(parents=True)
  (tmp_path / 'pets').rename(tmp_path / 'hub' / 'pets' / 'pets')
  located = locate(
    task_of('pets_divide'), Index.of([str(tmp_path / 'hub')]), options
  )
  assert located is not None
  assert set(located.splits) == {'train'}
