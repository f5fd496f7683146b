"""Each subset of P3 has its template; bad files are errors."""

from pathlib import Path

import pytest
from support.task_sources.pets import p3_templates

from ul2_flan.pipelines.task_sources.promptsource.templates import find
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
  with pytest.raises(UserError, match='has no templates of promptsource'):
    find(str(tmp_path), 'pets_small_who_')
  (tmp_path / 'pets').mkdir()
  (tmp_path / 'pets' / 'templates.yaml').write_text('!!python/object:os.x {}')
  with pytest.raises(UserError, match=r'templates\.yaml is no file of'):
    find(str(tmp_path), 'pets_small_who_'.replace('_small', ''))


def test_every_subset_of_p3_has_its_template(shared_data: Path) -> None:
  folder = p3_templates(shared_data)
  tasks = list(catalog.tasks(suite='t0_sf', left_out=True))
  missing = [
    t.name for t in tasks if find(folder, t.sources[0].locator) is None
  ]
  assert len(tasks) == 660
  assert not missing


def test_rounds_of_anli_are_splits(shared_data: Path) -> None:
  template = find(p3_templates(shared_data), 'anli_can_we_infer_r2_score_eval')
  assert template is not None
  assert template.dataset == 'anli'
  assert template.splits['validation'] == 'dev_r2'
