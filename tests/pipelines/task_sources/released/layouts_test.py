"""Names of columns and of files say which layout a file has."""

import pytest

from ul2_flan.pipelines.task_sources.released.layouts import layout_of


@pytest.mark.parametrize(
  ('path', 'setting'),
  [
    ('d/flan_zsopt_data/part.0.json.gz', 'zs_opt'),
    ('d/flan_fsnoopt_data/part.0.parquet', 'fs_noopt'),
    ('d/niv2_fs_opt_train_03.jsonl.gz', 'fs_opt'),
    ('d/t0_zs_noopt_train.jsonl', 'zs_noopt'),
    ('d/fs_opt/train/more/part.0.json', ''),
    ('d/adopted_fsoptional.json', ''),
  ],
)
def test_the_name_of_a_file_or_of_its_folder_says_the_setting(path, setting):
  layout = layout_of(path, ['inputs', 'targets', '_task_name'])
  assert layout
  assert layout.of_file == setting


def test_columns_are_found_with_and_without_underscores():
  plain = layout_of('a', ['inputs', 'targets', 'task_name', 'template_type'])
  marked = layout_of('a', ['inputs', 'targets', '_task_name', '_template_type'])
  assert plain
  assert marked
  assert plain.columns == ['inputs', 'targets', 'task_name', 'template_type']
  assert marked.columns == ['inputs', 'targets', '_task_name', '_template_type']
  assert layout_of('a', ['inputs', 'targets']) is None
  assert layout_of('a', ['input', 'output', 'task']) is None


def test_a_row_without_a_setting_or_a_known_task_is_of_no_data_set():
  layout = layout_of('a', ['inputs', 'targets', 'task'])
  assert layout
  assert layout.data_set('rte_10templates', '') == 'flan2021:rte:zs_opt'
  assert layout.data_set('flan', '') == ''
  assert layout.data_set('flan', 'fs_opt') == 'flan2021:all_tasks:fs_opt'
  assert layout.data_set('flan', 'xx_opt') == ''
  assert layout.data_set('mmlu', 'fs_opt') == ''
