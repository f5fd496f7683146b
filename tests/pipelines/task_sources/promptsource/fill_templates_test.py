"""Raw rows are filled into templates, or rejected with the reason."""

from collections.abc import Mapping
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.task_sources.pets import YAML, options_in, raw_rows, task_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.pipelines.task_sources.promptsource import weigh
from ul2_flan.tasks.rendering import prepare


@pytest.fixture
def options(tmp_path: Path) -> ReadOptions:
  return options_in(tmp_path)


def rows_keys_and_rejects(
  subset: str, root: str, options: ReadOptions
) -> tuple[list[Mapping[str, Any]], list[int], list[tuple[str, str]]]:
  """Rows, keys, and the reasons and details of rejects."""
  task = task_of(subset)
  located = locate(task, Index.of([root]), options)
  assert located is not None
  blocks = [
    block
    for piece in located.splits['train']
    for block in read(piece, task, task.sources[located.source], options)
  ]
  return (
    [row for block in blocks for row in block.rows],
    [key for block in blocks for key in block.keys.tolist()],
    [(r.reason, r.detail) for block in blocks for r in block.rejects],
  )


def test_rows_are_as_p3_has_them(tmp_path: Path, options: ReadOptions) -> None:
  rows, keys, rejects = rows_keys_and_rejects(
    'pets_small_is_it_tame_', raw_rows(tmp_path), options
  )
  assert rows[1] == {
    'inputs_pretokenized': 'Is Tom ||| Ada very tame?',
    'targets_pretokenized': '\nyes',
    'answer_choices': ['no', 'yes'],
  }
  assert len(set(keys)) == 3
  assert not rejects
  task = task_of('pets_small_is_it_tame_')
  prepared = prepare(
    rows, np.array(keys, np.uint64), task=task, source=task.sources[0], seed=0
  )
  assert prepared.instances.columns['answer'] == ['yes', 'yes', 'no']


def test_rank_classification_gives_only_the_right_answers(
  tmp_path: Path, options: ReadOptions
) -> None:
  root = raw_rows(tmp_path)
  ranked = rows_keys_and_rejects(
    'pets_small_is_it_tame__score_eval', root, options
  )
  assert ranked == rows_keys_and_rejects(
    'pets_small_is_it_tame_', root, options
  )


def test_the_row_alone_decides_what_is_drawn(
  tmp_path: Path, options: ReadOptions
) -> None:
  lines = rows_keys_and_rejects('pets_small_who_', raw_rows(tmp_path), options)
  other = tmp_path / 'other'
  table = rows_keys_and_rejects(
    'pets_small_who_', raw_rows(other, parquet=True), options
  )
  in_ones = dataclasses.replace(options, block_rows=1)
  assert lines == table
  assert lines == rows_keys_and_rejects(
    'pets_small_who_', raw_rows(tmp_path), in_ones
  )


def test_choices_are_drawn_evenly(tmp_path: Path, options: ReadOptions) -> None:
  folder = Path(raw_rows(tmp_path)) / 'pets' / 'small'
  rows = ({'name': f'Rex {i}', 'label': 1} for i in range(400))
  (folder / 'train.jsonl').write_text(
    ''.join(json.dumps(row) + '\n' for row in rows)
  )
  rows, _, _ = rows_keys_and_rejects(
    'pets_small_who_', str(tmp_path / 'rows'), options
  )
  whos = sum('Who' in r['inputs_pretokenized'] for r in rows)
  # Six standard deviations.
  assert abs(whos - 200) < 60


def test_a_row_without_a_prompt_is_rejected_as_empty(
  tmp_path: Path, options: ReadOptions
) -> None:
  rows, _, rejects = rows_keys_and_rejects(
    'pets_small_who_', raw_rows(tmp_path), options
  )
  assert len(rows) == 2
  assert rejects == [
    ('empty_template', 'pets/small: who…: no prompt, or no target')
  ]


@pytest.mark.parametrize(
  ('subset', 'bad', 'words'),
  [
    ('pets_small_divide', 1, 'ZeroDivisionError'),
    ('pets_small_broken', 3, 'TemplateSyntaxError'),
  ],
)
def test_rejects_name_the_template_that_fails(
  tmp_path: Path, options: ReadOptions, subset: str, bad: int, words: str
) -> None:
  rows, _, rejects = rows_keys_and_rejects(subset, raw_rows(tmp_path), options)
  assert len(rows) == 3 - bad
  assert [reason for reason, _ in rejects] == ['broken_template'] * bad
  assert 'pets/small' in rejects[0][1]
  assert words in rejects[0][1]


@pytest.mark.parametrize(
  'jinja',
  [
    '{{ "".__class__.__mro__ }} ||| x',
    '{{ cycler.__init__.__globals__ }} ||| x',
    '{% for i in range(10 ** 9) %}{% endfor %} a ||| x',
    '{% for i in range(99999) %}{{ "a" * 99999 }}{% endfor %} ||| x',
    '{{ zip(name) }} ||| x',
  ],
)
def test_templates_stay_in_their_sandbox(
  tmp_path: Path, options: ReadOptions, jinja: str
) -> None:
  path = next(Path(options.promptsource).rglob('templates.yaml'))
  path.write_text(YAML.replace("'Divide. ||| {{ (1 / label) }}'", repr(jinja)))
  rows, _, rejects = rows_keys_and_rejects(
    'pets_small_divide', raw_rows(tmp_path), options
  )
  assert not rows
  assert {reason for reason, _ in rejects} == {'broken_template'}


def test_a_template_that_is_over_the_bound_is_not_tried_for_ever(
  tmp_path: Path, options: ReadOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
  monkeypatch.setattr(weigh, 'MOST_UNITS', 50)
  path = next(Path(options.promptsource).rglob('templates.yaml'))
  jinja = "'{% for i in range(label * 99) %}{% endfor %} a ||| x'"
  path.write_text(YAML.replace("'Divide. ||| {{ (1 / label) }}'", jinja))
  folder = Path(raw_rows(tmp_path)) / 'pets' / 'small'
  labels = [0, 1, 1, 0, 1, 1, 1, 0]
  (folder / 'train.jsonl').write_text(
    ''.join(f'{{"name": "{i}", "label": {n}}}\n' for i, n in enumerate(labels))
  )
  rows, _, rejects = rows_keys_and_rejects(
    'pets_small_divide', str(tmp_path / 'rows'), options
  )
  assert len(rows) == 2
  over = 'over 50 units of work for one row'
  assert [detail.split(': ', 2)[2] for _, detail in rejects] == [
    *[over] * 4,
    *[f'not tried, since 4 rows were {over}'] * 2,
  ]
