"""Real files in every layout: all is read, and the counts add up to the row."""

import collections
from collections.abc import Mapping
import csv
import gzip
import json
from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
from support.task_sources.task_rows import Rows, rows_of, splits_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, unlisted
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.rendering.instances.prepare import Prepared, prepare

FOLDERS = {
  'tasks': ('Instances', 187),
  'tasks_full': ('Instances', 7),
  'tasks_legacy_schema': ('Instances', 22),
  'tasks_fi': ('Instances', 29),
  'tasks_rebuilt': ('Instances', 6),
  'bigbench_natural_instructions': ('examples', 49),
}


def text_of(path: Path) -> str:
  data = path.read_bytes()
  return (gzip.decompress(data) if path.suffix == '.gz' else data).decode()


def found_in(root: Path, suite: str) -> list[Task]:
  """All tasks that are there, in the catalog or not."""
  index = Index.of([str(root)])
  tasks = list(catalog.tasks(suite=suite, left_out=True))
  if suite in ('niv2', 't0_sf'):
    tasks += unlisted(index, suite)
  return [task for task in tasks if locate(task, index, ReadOptions())]


def prepared(task: Task, kind: str, rows: Rows) -> Prepared:
  source = next(s for s in task.sources if s.kind == kind)
  keys = np.array(rows.keys, np.uint64)
  return prepare(rows.rows, keys, task=task, source=source, seed=0)


def rejected(rows: Prepared) -> Mapping[str, int]:
  return {reason: len(which) for reason, which in rows.rejects.items()}


@pytest.mark.parametrize('folder', FOLDERS)
def test_every_file_of_niv2(shared_data, folder):
  key, count = FOLDERS[folder]
  root = shared_data / 'niv2' / folder
  paths = sorted(root.glob('*.json*'))
  assert len(paths) == count
  instances = {path.name: len(json.loads(text_of(path))[key]) for path in paths}
  tasks = found_in(root, 'niv2')
  assert len(tasks) == count
  total = 0
  for task in tasks:
    rows = rows_of(task, root)
    assert not rows.rejects
    assert not rejected(prepared(task, 'niv2', rows))
    assert rows.places == list(range(len(rows.rows)))
    assert not rows.rows[0]['definition'].startswith('Definition')
    total += len(rows.rows)
  assert total == sum(instances.values())


def test_finnish_tasks_are_finnish(shared_data):
  tasks = found_in(shared_data / 'niv2' / 'tasks_fi', 'niv2')
  assert {task.languages for task in tasks} == {('fi',)}
  assert {task.left_out for task in tasks} == {'unlisted'}


def test_the_forms_of_a_task_have_the_same_instances(shared_data):
  """Of two forms of a task, the shorter has nothing that the longer lacks."""
  full = shared_data / 'niv2' / 'tasks_full'
  cut = shared_data / 'niv2' / 'tasks'
  for task in found_in(full, 'niv2'):
    if locate(task, Index.of([str(cut)]), ReadOptions()):
      keys = rows_of(task, full).keys
      assert rows_of(task, cut).keys == keys[: len(rows_of(task, cut).keys)]


def test_every_file_of_chains_of_thought(shared_data):
  root = shared_data / 'cot'
  paths = [p for p in root.rglob('*.tsv*') if 'raw' not in p.parts]
  lines = {path.name.split('_')[0]: text_of(path).count('\n') for path in paths}
  tasks = [t for t in found_in(root, 'cot') if not t.inverted]
  assert len(tasks) == len(lines) == 9
  for task in tasks:
    (rows,) = splits_of(task, root).values()
    assert len(rows.rows) == lines[task.name.removeprefix('cot:')]
    assert not rows.rejects
    # e-SNLI's development split has words that its authors replaced.
    unknown = {'unknown_words': 348} if task.name == 'cot:esnli' else {}
    assert rejected(prepared(task, 'cot_tsv', rows)) == unknown
    assert not any('\\n' in r['question'] for r in rows.rows)


def test_p3_is_the_same_in_both_formats(shared_data, tmp_path):
  root = shared_data / 'p3' / 'rendered'
  tasks = found_in(root, 't0_sf')
  assert len(tasks) == len(list(root.iterdir())) == 137
  for folder in root.iterdir():
    for path in folder.glob('*.tfrecord-*'):
      target = tmp_path / folder.name / path.name
      target.parent.mkdir()
      target.symlink_to(path)
  reasons: collections.Counter[str] = collections.Counter()
  for task in tasks:
    folder = root / task.sources[0].locator
    stats = json.loads((folder / 'stats.train.json').read_text())
    lines = rows_of(task, root)
    frames = rows_of(task, tmp_path)
    assert len(lines.rows) == stats['examples']
    assert not lines.rejects
    assert not frames.rejects
    assert lines.rows == frames.rows
    assert lines.keys == frames.keys
    rows = prepared(task, 'p3', lines)
    reasons += collections.Counter(rejected(rows))
    assert len(rows.row) + sum(rejected(rows).values()) == stats['examples']
  # Rows for rank classification, of which a wrong answer makes none.
  assert set(reasons) == {'wrong_choice'}


def documents(path: Path) -> Any:
  return json.loads(text_of(path))


def squad(path: Path) -> int:
  paragraphs = [p for d in documents(path)['data'] for p in d['paragraphs']]
  return sum(len(p['qas']) for p in paragraphs)


def lines_of(path: Path) -> int:
  return text_of(path).count('\n')


def below_header(path: Path) -> int:
  return lines_of(path) - 1


def multirc(path: Path) -> int:
  passages = [
    json.loads(line)['passage'] for line in text_of(path).splitlines()
  ]
  return sum(len(q['answers']) for p in passages for q in p['questions'])


def csv_rows(path: Path) -> int:
  return len(list(csv.reader(text_of(path).splitlines(keepends=True))))


# Task, kind of source, shared file, the name that its authors give to the
# training file, how its rows are counted, and rows that cannot be rendered.
ORIGINALS: list[tuple[str, str, str, str, Any, dict[str, int]]] = [
  ('cola', 'tsv', 'glue/CoLA/train.tsv.gz', 'CoLA/train.tsv.gz', lines_of, {}),
  ('sst2', 'tsv', 'glue/SST-2/train.tsv.gz', 'SST-2/train.tsv.gz',
   below_header, {}),
  ('glue_mrpc', 'tsv', 'glue/MRPC/train.tsv.gz', 'MRPC/train.tsv.gz',
   below_header, {}),
  ('stsb', 'tsv', 'glue/STS-B/train.tsv.gz', 'STS-B/train.tsv.gz',
   below_header, {}),
  ('rte', 'tsv', 'glue/RTE/train.tsv.gz', 'RTE/train.tsv.gz', below_header, {}),
  ('wnli', 'tsv', 'glue/WNLI/train.tsv', 'WNLI/train.tsv', below_header, {}),
  ('qnli', 'tsv', 'glue/QNLI/dev.part1.tsv.gz', 'QNLI/train.tsv.gz',
   below_header, {}),
  ('openbookqa', 'tsv', 'openbookqa/train.tsv.gz', 'openbookqa/train.tsv.gz',
   below_header, {'bad_options': 3, 'not_four_options': 1}),
  ('bool_q', 'jsonl', 'super_glue/BoolQ/train.jsonl', 'BoolQ/train.jsonl',
   lines_of, {}),
  ('cb', 'jsonl', 'super_glue/CB/train.jsonl', 'CB/train.jsonl', lines_of, {}),
  ('copa', 'jsonl', 'super_glue/COPA/train.jsonl', 'COPA/train.jsonl',
   lines_of, {}),
  ('rte', 'jsonl', 'super_glue/RTE/train.jsonl', 'RTE/train.jsonl', lines_of,
   {}),
  ('wic', 'jsonl', 'super_glue/WiC/train.jsonl', 'WiC/train.jsonl', lines_of,
   {}),
  ('wsc', 'jsonl', 'super_glue/WSC/train.jsonl', 'WSC/train.jsonl', lines_of,
   {}),
  ('record', 'jsonl', 'super_glue/ReCoRD/train.jsonl', 'ReCoRD/train.jsonl',
   lines_of, {}),
  ('multirc', 'jsonl', 'super_glue/MultiRC/train.jsonl', 'MultiRC/train.jsonl',
   multirc, {}),
  ('natural_questions', 'jsonl', 'nq_open/NQ-open.dev.jsonl',
   'NQ-open.train.jsonl', lines_of, {}),
  ('snli', 'jsonl', 'raw_layout_samples/snli.jsonl', 'snli_1.0_train.jsonl',
   lines_of, {}),
  ('ag_news_subset', 'csv', 'ag_news/ag_news.part1.csv.gz',
   'ag_news_csv/train.csv.gz', csv_rows, {}),
  ('cosmos_qa', 'csv', 'cosmos_qa/valid.part1.csv.gz', 'cosmos/train.csv.gz',
   lambda path: csv_rows(path) - 1, {}),
  ('e2e_nlg', 'csv', 'e2e_nlg/devset.csv.gz', 'e2e-dataset/trainset.csv.gz',
   lambda path: csv_rows(path) - 1, {}),
  ('squad_v1', 'json', 'squad/squad-dev-v1.1.part1.json.gz',
   'train-v1.1.json.gz', squad, {}),
  ('squad_v1', 'json', 'raw_layout_samples/squad.json', 'train-v1.1.json',
   squad, {}),
  ('coqa', 'json', 'coqa/coqa-dev.part1.json.gz', 'coqa-train-v1.0.json.gz',
   lambda path: len(documents(path)['data']), {}),
  ('drop', 'json', 'raw_layout_samples/drop.json', 'drop_dataset_train.json',
   lambda path: sum(len(v['qa_pairs']) for v in documents(path).values()), {}),
  ('dart', 'json', 'dart/dart-v1.1.1-full-dev.part1.json.gz',
   'dart-v1.1.1-full-train.json.gz',
   lambda path: sum(len(r['annotations']) for r in documents(path)), {}),
]  # fmt: skip


@pytest.mark.parametrize(
  ('name', 'kind', 'file', 'original', 'count', 'bad'),
  ORIGINALS,
  ids=[f'{name}-{kind}-{file[:4]}' for name, kind, file, *_ in ORIGINALS],
)
def test_files_of_authors(
  shared_data, tmp_path, name, kind, file, original, count, bad
):
  path = shared_data / 'flan2021' / file
  target = tmp_path / original
  target.parent.mkdir(parents=True, exist_ok=True)
  shutil.copy(path, target)
  task = catalog.load(f'flan2021:{name}')
  found = splits_of(task, tmp_path)
  total = 0
  reasons: collections.Counter[str] = collections.Counter()
  for rows in found.values():
    assert not rows.rejects
    total += len(rows.rows)
    reasons += collections.Counter(rejected(prepared(task, kind, rows)))
  assert total == count(path)
  assert reasons == bad


def test_taskmaster_and_qrecc(shared_data):
  root = shared_data / 'dialog'
  task = catalog.load('dialog:task_master')
  paths = sorted(root.glob('taskmaster/TM-*/data/*.json.gz'))
  rows = rows_of(task, root)
  assert len(rows.rows) == sum(len(documents(path)) for path in paths)
  assert not rejected(prepared(task, 'taskmaster', rows))
  qrecc = splits_of(catalog.load('dialog:qrecc'), root)
  turns = text_of(root / 'qrecc_scai21_turns.jsonl').splitlines()
  assert len(qrecc['test'].rows) == len(turns) == 95


def test_gsm8k_is_the_same_from_its_authors(shared_data):
  """The collection's file has the same rows, with other white space."""
  task = catalog.load('cot:gsm8k')
  raw = rows_of(task, shared_data / 'flan2021')
  own = prepared(task, 'jsonl', raw)
  tsv = prepared(task, 'cot_tsv', rows_of(task, shared_data / 'cot'))
  assert len(raw.rows) == len(tsv.row) == 5978
  assert own.instances.columns['answer'] == tsv.instances.columns['answer']
