"""What a model is to be tested with shares no data with what it trains on."""

from collections.abc import Iterator
from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
from support.task_sources.task_rows import splits_of

from ul2_flan.mixtures.definition import load, shipped
from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.selection import Selection
from ul2_flan.mixtures.stock import catalog_tasks
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.contamination import RULES, Index, Item, Scanner

NAMES = [
  n for n, p in shipped().items() if any(q.held_out for _, q in p.leaves())
]

# Data sets that are made of others.
MADE_OF = {
  'qnli': 'squad',
  'wnli': 'wsc',
  'record': 'cnn_dailymail',
  'coqa': 'cnn_dailymail',
  'sst2': 'opinion_abstracts',
  'esnli': 'snli',
}

# Shared files of tasks, and the names that their authors gave them.
FILES = {
  'ag_news_subset': (
    'ag_news/ag_news.part1.csv.gz',
    'ag_news_csv/train.csv.gz',
  ),
  'bool_q': ('super_glue/BoolQ/train.jsonl', 'BoolQ/train.jsonl'),
  'cb': ('super_glue/CB/train.jsonl', 'CB/train.jsonl'),
  'copa': ('super_glue/COPA/train.jsonl', 'COPA/train.jsonl'),
  'cosmos_qa': ('cosmos_qa/valid.part1.csv.gz', 'cosmos/train.csv.gz'),
  'glue_mrpc': ('glue/MRPC/train.tsv.gz', 'MRPC/train.tsv.gz'),
  'natural_questions': ('nq_open/NQ-open.dev.jsonl', 'NQ-open.train.jsonl'),
  'qnli': ('glue/QNLI/dev.part1.tsv.gz', 'QNLI/train.tsv.gz'),
  'record': ('super_glue/ReCoRD/train.jsonl', 'ReCoRD/train.jsonl'),
  'rte': ('glue/RTE/train.tsv.gz', 'RTE/train.tsv.gz'),
  'squad_v1': ('squad/squad-dev-v1.1.part1.json.gz', 'train-v1.1.json.gz'),
  'stsb': ('glue/STS-B/train.tsv.gz', 'STS-B/train.tsv.gz'),
  'wic': ('super_glue/WiC/train.jsonl', 'WiC/train.jsonl'),
  'wnli': ('glue/WNLI/train.tsv', 'WNLI/train.tsv'),
  'wsc': ('super_glue/WSC/train.jsonl', 'WSC/train.jsonl'),
}
_ROWS = 800


def both(name: str) -> tuple[list[Task], list[Task]]:
  """The tasks of a mixture, and those that it holds out."""
  selection = Selection(catalog_tasks())
  leaves = [part for _, part in load(name).leaves()]
  return (
    [task for part in leaves for task in selection.tasks_of(part)],
    [task for part in leaves for task in selection.held_out(part)],
  )


def data_of(tasks: list[Task]) -> set[str]:
  """All by which data sets are known, and what these are made of."""
  names = {task.dataset for task in tasks}
  names |= {MADE_OF[name] for name in names & MADE_OF.keys()}
  return names | {s.locator for task in tasks for s in task.sources}


@pytest.mark.parametrize('name', NAMES)
def test_no_source_is_shared(name: str):
  trained, tested = both(name)
  assert trained
  assert tested
  assert not data_of(trained) & data_of(tested)


def test_a_task_of_a_held_out_data_set_is_in_no_part():
  part = Part(name='m', suites=('niv2',), held_out=('niv2:task074_squad1',))
  names = {task.name for task in Selection(catalog_tasks()).tasks_of(part)}
  assert 'niv2:task073_commonsenseqa_answer_generation' in names
  assert not names & {'niv2:task074_squad1', 'niv2:task075_squad1'}


def test_what_the_collection_leaves_out_is_held_out_too():
  part = Part(
    name='m',
    suites=('t0_sf',),
    include=('t0_sf:*',),
    held_out=('flan2021:rte', 'flan2021:winogrande'),
  )
  names = {task.name for task in Selection(catalog_tasks()).tasks_of(part)}
  assert 't0_sf:super_glue_cb_can_we_infer' in names
  assert not [n for n in names if 'rte_' in n or 'winogrande' in n]


def strings(value: Any) -> Iterator[str]:
  if isinstance(value, str):
    yield value
  elif isinstance(value, dict):
    yield from strings([*value.values()])
  elif isinstance(value, list | tuple):
    for one in value:
      yield from strings(one)


@pytest.fixture(scope='module')
def texts(shared_data, tmp_path_factory) -> dict[str, list[tuple[str, ...]]]:
  """The texts of each row of the tasks that are here."""
  folder: Path = tmp_path_factory.mktemp('tasks')
  found = {}
  for name, (file, original) in FILES.items():
    path = folder / name / original
    path.parent.mkdir(parents=True)
    shutil.copy(shared_data / 'flan2021' / file, path)
    task = catalog.load(f'flan2021:{name}')
    splits = splits_of(task, folder / name).values()
    rows = [row for split in splits for row in split.rows][:_ROWS]
    found[task.name] = [tuple(strings(row)) for row in rows]
  return found


def touching(texts) -> set[tuple[str, str]]:
  """The pairs of tasks of which the first touches more than 1 row in 500."""
  items = [
    Item(name, str(i), row) for name, rows in texts.items()
    for i, row in enumerate(rows)
  ]  # fmt: skip
  index = Index.of(items, RULES['13gram'])
  of_task = np.array([item.task for item in items])
  pairs = set()
  for name, rows in texts.items():
    marked = np.zeros(index.grams, np.bool_)
    for hits in Scanner(index).scan([text for row in rows for text in row]):
      marked[hits.grams] = True
    grams = index.text_grams
    before = np.concatenate([[0], np.cumsum(marked[grams.values])])
    hit = before[grams.offsets[1:]] > before[grams.offsets[:-1]]
    touched = of_task[index.of_items(hit)]
    pairs |= {
      (name, other)
      for other, rows in texts.items()
      if (touched == other).sum() > len(rows) / 500
    }
  return pairs


def test_no_text_is_shared(texts):
  pairs = touching(texts)
  assert ('flan2021:qnli', 'flan2021:squad_v1') in pairs
  assert ('flan2021:wsc', 'flan2021:wnli') in pairs
  for name in NAMES:
    trained, tested = both(name)
    here = {
      (one.name, other.name) for one in trained for other in tested
    } & pairs
    assert not here, name
