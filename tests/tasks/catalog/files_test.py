"""The catalog's files are complete, and have the tasks of the papers."""

from __future__ import annotations

import collections
from pathlib import Path

import pytest

from ul2_flan.tasks import catalog, shipped
from ul2_flan.tasks.catalog import files
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.instances.prepare import OPTIONAL_FIELDS
from ul2_flan.tasks.rendering.instances.shapes import SHAPES
from ul2_flan.tasks.rendering.templates.family import families, load_family
from ul2_flan.tasks.rendering.text_fixes import TIDY

ROOT = Path(__file__).parents[3]

TASKS = list(catalog.tasks(left_out=True))

# Tasks by suite, and inverted ones on top of them.
COUNTS = {
  'flan2021': (72, 0),
  'dialog': (3, 3),
  'program_synthesis': (5, 5),
  't0_sf': (193, 0),
  'niv2': (1556, 0),
  'cot': (9, 27),
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
  """A catalog of one's own, without files."""
  monkeypatch.setattr(shipped, '_TASKS', tmp_path)
  (tmp_path / 'catalog/cot').mkdir(parents=True)
  return tmp_path / 'catalog'


@pytest.mark.parametrize('task', TASKS, ids=lambda task: task.name)
def test_an_entry_is_complete(task: catalog.Task) -> None:
  """1. Its family exists, and has options if and only if the task has.

  2. Its languages are known.
  3. Every source is complete: pinned, with a training split, with functions
     that exist, and with a column for every field of the family.
  """
  family = load_family(task.family)
  assert family.has_options == (task.options != 'none')
  assert set(task.languages) <= set(catalog.languages())
  assert set(task.constants) <= set(family.fields)
  for source in task.sources:
    assert 'train' in source.splits
    assert set(source.tidy.values()) <= set(TIDY)
    assert source.prepare in SHAPES or not source.prepare
    assert (source.kind == 'tfds') == (':' in source.locator)
    if source.prepare or source.kind in ('niv2', 'p3'):
      continue
    given = set(source.fields) | set(task.constants)
    given |= {'options'} if task.labels else set()
    assert given - set(family.fields) <= {'option_names'}
    # Super-GLUE's export of BoolQ is without titles.
    assert set(family.fields) - given <= {'title', *OPTIONAL_FIELDS}
    if task.labels:
      assert set(family.samples[0]['options']) & set(task.labels)


def test_every_family_of_templates_has_a_task() -> None:
  assert {task.family for task in TASKS} == set(families())


def test_each_suite_has_the_tasks_that_the_paper_counts() -> None:
  counts = collections.Counter(
    (task.suite, task.inverted) for task in TASKS if not task.left_out
  )
  for suite, (forward, inverted) in COUNTS.items():
    assert counts[suite, False] == forward
    assert counts[suite, True] == inverted
  # The paper has 1,836: NIv2's list has two more than it says (README.md).
  assert sum(forward for forward, _ in COUNTS.values()) == 1836 + 2


def test_what_is_left_out_says_why() -> None:
  left_out = collections.Counter(t.left_out for t in TASKS if t.left_out)
  assert left_out == {
    'mmlu_related': 57,
    'in_flan2021': 351,
    'rank_classification': 116,
  }


@pytest.mark.parametrize('suite', COUNTS)
@pytest.mark.parametrize('readme', ['README.md', 'tasks/catalog/README.md'])
def test_the_readmes_have_the_counts(suite: str, readme: str) -> None:
  forward, inverted = COUNTS[suite]
  row = f'| `{suite}` | {forward:,} | {inverted} |'
  assert row in (ROOT / readme).read_text()


def test_an_inverted_task_has_the_rows_of_the_task_it_is_like() -> None:
  inverted = catalog.load('cot:gsm8k_question_from_answer')
  base = catalog.load('cot:gsm8k')
  assert inverted.inverted
  assert inverted.family != base.family
  assert inverted.sources[0].locator == base.sources[0].locator
  assert inverted.examples == base.examples


def test_a_later_source_has_from_the_first_what_it_does_not_say(folder) -> None:
  (folder / 'cot' / 'a.toml').write_text("""
  suite = "cot"
  family = "reasoning"

  [[tasks]]
  name = "a"
  dataset = "a"
  category = "b"
  languages = ["en"]

  [tasks.sources.tsv]
  locator = "a_{split}.tsv"
  splits = { train = "train" }
  fields = { question = "0", answer = "1" }

  [tasks.sources.json]
  locator = "a.json"
  fields = { question = "q", answer = "a" }
  """)
  (task,) = files.read_suite('cot')
  one, two = task.sources
  assert (one.locator, two.locator) == ('a_{split}.tsv', 'a.json')
  assert one.splits == two.splits == {'train': 'train'}
  assert two.fields == {'question': 'q', 'answer': 'a'}


HEAD = 'suite = "cot"\nfamily = "reasoning"\n'


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('suite = ', 'cot/a.toml is not TOML'),
    ('suite = "niv2"\nfamily = "x"', "a file must have suite = 'cot'"),
    ('suite = "cot"', 'and a family'),
    (HEAD + '[[tasks]]\nname = "a"', "task 'a': it has no 'dataset'"),
    (HEAD + '[[tasks]]\nname = "a"\nlike = "cot:b"', "unknown task 'cot:b'"),
  ],
)
def test_a_malformed_file_is_named(folder, text: str, message: str) -> None:
  (folder / 'cot' / 'a.toml').write_text(text)
  with pytest.raises(UserError, match=message) as error:
    files.read_suite('cot')
  assert str(error.value).startswith('cot/a.toml')


def test_two_tasks_of_one_name_are_refused(folder) -> None:
  entry = """
  [[tasks]]
  name = "a"
  dataset = "a"
  category = "b"
  languages = ["en"]
  [tasks.sources.tsv]
  locator = "a.tsv"
  """
  (folder / 'cot' / 'a.toml').write_text(HEAD + 2 * entry)
  with pytest.raises(UserError, match="task 'a': there are two tasks of this"):
    files.read_suite('cot')


def test_a_table_with_a_broken_line_is_named(folder) -> None:
  (folder / 'x.tsv').write_text('a\tb\n1\t2\n3\n')
  lines = files.read_table('x.tsv')
  assert next(lines) == {'a': '1', 'b': '2'}
  with pytest.raises(UserError, match=r'x\.tsv, line 3: 1 cells, the header'):
    next(lines)
