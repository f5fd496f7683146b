"""Files are found by the names that their authors gave."""

import json

import pytest
from support.corpora import write
from support.task_sources.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.task_sources import Index, ReadOptions
from ul2_flan.pipelines.task_sources.finders import original_files
from ul2_flan.tasks import catalog


def test_taskmaster_is_found_beside_its_ontologies(tmp_path):
  def dialogue(name: str) -> bytes:
    turns = [{'speaker': 'user', 'text': name}]
    return json.dumps([{'conversation_id': name, 'utterances': turns}]).encode()

  for name in (
    'TM-1-2019/self-dialogs.json',
    'TM-1-2019/sample.json',
    'TM-1-2019/ontology.json',
    'TM-3-2020/data/data_00.json',
    'TM-4-2024/data/data_00.json',
    'TM-3-2020/ontology/entities.json',
  ):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(dialogue(name))
  rows = rows_of(catalog.load('dialog:task_master'), tmp_path)
  assert [r['utterances'][0]['text'] for r in rows.rows] == [
    'TM-1-2019/self-dialogs.json',
    'TM-3-2020/data/data_00.json',
    'TM-4-2024/data/data_00.json',
  ]


def test_slices_count_the_items_of_lists(tmp_path):
  lines = [{'qas': [1, 2, 3]}, {'qas': [4]}, {'qas': []}, {'qas': [5, 6]}]
  data = '\n'.join(map(json.dumps, lines))
  for kind, text in (('jsonl', data), ('json', json.dumps(lines))):
    (tmp_path / f'train.{kind}').write_text(text)
    task = task_with(
      kind=kind,
      locator=f'{{split}}.{kind}',
      each='qas',
      splits={'train': 'train[:-2]', 'validation': 'train[-2:]'},
    )
    found = splits_of(task, tmp_path)
    assert {s: [r['qas'] for r in v.rows] for s, v in found.items()} == {
      'train': [1, 2, 3, 4],
      'validation': [5, 6],
    }


def test_other_files_of_a_chain_of_thought(tmp_path):
  """Only where there is no file of the collection's own name."""
  task = catalog.load('cot:qed')
  for name in ('qed_part1', 'qed_part2', 'qed_dev', 'esnli_part3'):
    write(tmp_path / f'{name}.tsv.gz', f'{name}\ta\tc\n'.encode())
  found = splits_of(task, tmp_path)
  questions = {s: [r['question'] for r in v.rows] for s, v in found.items()}
  assert questions == {
    'train': ['qed_part1', 'qed_part2'],
    'validation': ['qed_dev'],
  }
  write(tmp_path / 'qed_train.tsv', b'own\ta\tc\n')
  (train,) = splits_of(task, tmp_path).values()
  assert [r['question'] for r in train.rows] == ['own']


def test_files_come_from_one_folder():
  task = task_with(kind='tsv', locator='RTE/{split}*.tsv')
  paths = [
    '/a/RTE/train_0.tsv',
    '/b/RTE/train_0.tsv',
    '/a/RTE/train_1.tsv.gz',
    '/a/QNLI/train_2.tsv',
  ]
  index = Index((path, 1) for path in paths)
  pieces = original_files.locate(task, task.sources[0], index, ReadOptions())
  assert {split: [p.path for p in ps] for split, ps in pieces.items()} == {
    'train': [paths[0], paths[2]]
  }


@pytest.mark.parametrize('each', ['', 'qas'])
def test_tasks_that_share_a_file_share_its_count(tmp_path, monkeypatch, each):
  (tmp_path / 'train.jsonl').write_text('{"qas": [1, 2]}\n{"qas": [3]}\n')
  index = Index.of([str(tmp_path)])
  reads = []
  read = original_files.READERS['jsonl']
  counting = lambda *args: (reads.append(1), read(*args))[1]  # noqa: E731
  monkeypatch.setattr(original_files, 'READERS', {'jsonl': counting})
  task = task_with(
    kind='jsonl',
    locator='{split}.jsonl',
    each=each,
    splits={'train': 'train[:-1]', 'validation': 'train[-1:]'},
  )
  for _ in range(2):
    splits = original_files.locate(task, task.sources[0], index, ReadOptions())
    (piece,) = splits['validation']
    assert piece.rows == ((2, 3) if each else (1, 2))
  assert len(reads) == 1
