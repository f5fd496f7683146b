"""Every record of the catalog, and the counts that the papers have."""

from __future__ import annotations

import collections
from pathlib import Path

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import files
from ul2_flan.tasks.catalog.counts import counts_table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.instances.prepare import OPTIONAL_FIELDS
from ul2_flan.tasks.rendering.instances.shapes import SHAPES
from ul2_flan.tasks.rendering.instances.text_fixes import TIDY
from ul2_flan.tasks.rendering.templates.family import families, load_family

ROOT = Path(__file__).parents[3]

TASKS = list(catalog.tasks(left_out=True))


@pytest.mark.parametrize('task', TASKS, ids=lambda task: task.name)
def test_record(task: catalog.Task) -> None:
  """1. Its family exists, and has options if and only if it has.

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


def test_all_templates_are_used() -> None:
  assert {task.family for task in TASKS} == set(families())


def test_counts_by_suite() -> None:
  counts = collections.Counter(
    task.suite for task in TASKS if not (task.inverted or task.left_out)
  )
  assert counts == {
    'flan2021': 72,
    'dialog': 3,
    'program_synthesis': 5,
    't0_sf': 193,
    'niv2': 1556,
    'cot': 9,
  }
  assert sum(counts.values()) == 1838
  inverted = collections.Counter(task.suite for task in TASKS if task.inverted)
  assert inverted == {'dialog': 3, 'program_synthesis': 5, 'cot': 27}
  left_out = collections.Counter(t.left_out for t in TASKS if t.left_out)
  assert left_out == {
    'mmlu_related': 57,
    'in_flan2021': 351,
    'rank_classification': 116,
  }


def test_readme_has_the_counts() -> None:
  readme = (files._folder() / 'README.md').read_text(encoding='utf-8')
  assert counts_table() in readme


def test_the_project_readme_has_the_counts() -> None:
  lines = (ROOT / 'README.md').read_text().splitlines()
  for suite in catalog.suites():
    own = [task.inverted for task in catalog.tasks(suite=suite)]
    start = f'| `{suite}` | {len(own) - sum(own):,} | {sum(own)} |'
    assert any(line.startswith(start) for line in lines), start


def test_paper_counts_and_shares() -> None:
  mixtures = catalog.mixtures().values()
  assert sum(mixture.paper_tasks for mixture in mixtures) == 1836
  assert sum(m.share_a for m in mixtures) == pytest.approx(1)
  # Table 23 as printed adds up to 99.9%.
  assert sum(m.share_b for m in mixtures) == pytest.approx(0.999)
  assert {s.mixture for s in catalog.suites().values()} == set(
    catalog.mixtures()
  )


def test_unknown_names_come_with_a_suggestion() -> None:
  with pytest.raises(UserError, match="Did you mean 'flan2021:bool_q'"):
    catalog.load('flan2021:boolq')
  with pytest.raises(UserError, match="unknown suite 'flan'"):
    catalog.load('flan:bool_q')
  with pytest.raises(UserError, match='lacks a suite'):
    catalog.load('bool_q')
  with pytest.raises(UserError, match="Did you mean 'Finnish'"):
    catalog.names(language='Finish')


def test_names_can_be_chosen() -> None:
  assert catalog.names(language='Finnish') == catalog.names(language='fi')
  assert 'flan2021:wmt16_translate_fien' in catalog.names(language='fi')
  questions = catalog.names(suite='cot', category='question generation')
  assert len(questions) == 9
  everything = catalog.names(suite='niv2', left_out=True)
  assert len(everything) == 1613
  assert len(set(everything)) == len(everything)


def test_unlisted_tasks() -> None:
  task = catalog.unlisted('niv2', 'my-own task', languages=('fi', 'en'))
  assert task.name == 'niv2:my_own_task'
  assert task.left_out == 'unlisted'
  with pytest.raises(UserError, match="unknown suite for unlisted tasks 'cot'"):
    catalog.unlisted('cot', 'a')


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'suit': 1}, "unknown key of a task 'suit'. Did you mean 'suite'"),
    ({'name': 'flan2021:a b'}, 'seqio takes no task named'),
    ({'options': 'lables'}, "Did you mean 'labels'"),
    ({'labels': ('yes', 'no')}, "options 'none' with labels"),
    ({'category': ''}, "it has no 'category'"),
    ({'name': 'cot:gsm8k'}, 'is not a name of the suite flan2021'),
  ],
)
def test_mistakes_in_a_record_are_named(
  change: dict[str, object], message: str
) -> None:
  source = catalog.Source(kind='tfds', locator='a:1.0.0')
  record = {
    'name': 'flan2021:a',
    'suite': 'flan2021',
    'family': 'nli',
    'dataset': 'a',
    'category': 'b',
    'languages': ('en',),
    'sources': (source,),
    'cap': 1,
  }
  with pytest.raises(UserError, match=message) as error:
    files.make(catalog.Task, {**record, **change}, 'nli.toml, task a')
  assert str(error.value).startswith('nli.toml, task a: ')
