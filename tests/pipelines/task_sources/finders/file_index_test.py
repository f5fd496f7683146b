"""The index finds files by name, and lists the folders only once."""

import json
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import folders
from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

NAME = st.sampled_from(['a', 'b', 'ab', 'c.tsv', 'c.tsv.gz'])
PATHS = st.lists(
  st.lists(NAME, min_size=1, max_size=4).map(lambda p: '/data/' + '/'.join(p)),
  unique=True,
)


def plain(path: str) -> str:
  return path.removesuffix('.gz')


@given(paths=PATHS, names=st.lists(NAME, min_size=1, max_size=2))
def test_folders_and_files_are_those_whose_paths_end_so(paths, names):
  index = Index((path, 1) for path in paths)
  tail = '/'.join(names)
  folders = {p.rpartition('/')[0] for p in paths}
  assert set(index.folders(tail)) == {
    f for f in folders if f.endswith('/' + tail)
  }
  ends = {plain(p) for p in paths if plain(p).endswith('/' + plain(tail))}
  assert {f'{f.folder}/{f.name}' for f in index.matching(plain(tail))} == ends
  for folder in folders:
    inside = [f.path for f in index.inside(folder)]
    assert inside == [p for p in paths if p.rpartition('/')[0] == folder]
  named = [f.path for f in index.named(plain(names[-1]))]
  assert named == [
    p for p in paths if plain(p).rpartition('/')[2] == plain(names[-1])
  ]


@given(paths=PATHS, letter=st.sampled_from('abc'))
def test_patterns_stand_for_any_characters_of_a_name(paths, letter):
  index = Index((path, 1) for path in paths)
  found = {f'{f.folder}/{f.name}' for f in index.matching(f'{letter}*/*')}
  assert found == {
    plain(p) for p in paths if p.split('/')[-2].startswith(letter)
  }
  names = {plain(p).rpartition('/')[2] for p in paths}
  expected = sorted(n for n in names if n.startswith(letter))
  assert index.starting(letter) == expected


def test_roots_are_searched_in_their_order_and_listed_once(tmp_path):
  name = 'task002_quoref_answer_generation.json'
  document = json.dumps({'Definition': [], 'Instances': []})
  for folder in ('z', 'a/deep'):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / name).write_text(document)
  roots = [str(tmp_path / folder) for folder in ('z', 'a')]
  with mock.patch.object(folders, 'below', wraps=folders.below) as below:
    index = Index.of([*roots, roots[1]])
    for task in catalog.tasks():
      locate(task, index, ReadOptions())
  assert below.call_count == 3
  assert [f.path for f in index.named(name)] == [
    f'{tmp_path}/z/{name}',
    f'{tmp_path}/a/deep/{name}',
  ]


def test_a_root_with_nothing_below_is_an_error(tmp_path):
  with pytest.raises(UserError, match=r"no file below '.*nothing'"):
    Index.of([str(tmp_path / 'nothing')])


def test_a_root_may_be_a_file(tmp_path):
  path = tmp_path / 'gsm8k_train.tsv'
  path.write_text('q\ta\tc\n')
  task = catalog.load('cot:gsm8k')
  located = locate(task, Index.of([str(path)]), ReadOptions())
  assert located is not None
  assert [p.path for p in located.splits['train']] == [str(path)]


def test_a_file_is_found_once_however_its_root_is_spelled(
  tmp_path, monkeypatch
):
  (tmp_path / 'in/rte').mkdir(parents=True)
  (tmp_path / 'in/rte/train.tsv').touch()
  monkeypatch.chdir(tmp_path)
  index = Index.of(['in', './in', f'{tmp_path}/in', 'in/rte'])
  assert [f.path for f in index.named('train.tsv')] == ['in/rte/train.tsv']
  (tmp_path / 'in/also').symlink_to('rte')
  index = Index.of(['in'])
  for folder in ('rte', 'also'):
    (file,) = index.matching(f'{folder}/train.tsv')
    assert file.path == f'in/{folder}/train.tsv'
  assert len(index.matching('*/train.tsv')) == 1


def test_folders_are_no_patterns_and_ours_are_no_sources(tmp_path):
  for name in ('in[1]/a.tsv', 'in1/b.tsv', 'in[1]/out/c.tsv'):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
  index = Index.of([f'{tmp_path}/in[1]'], lambda root, path: '/out/' in path)
  assert index.names() == ['a.tsv']
  assert Index.of([f'{tmp_path}/in?/*.tsv']).names() == ['b.tsv']


@given(paths=PATHS)
def test_rows_are_counted_once_a_file_and_purpose(paths):
  calls = []

  def count(piece: Piece) -> int:
    calls.append(piece.path)
    return len(piece.path)

  index = Index((path, 1) for path in paths)
  pieces = [Piece(path, 'jsonl', 0, 1, 1) for path in paths]
  for what in ('', 'lists', ''):
    counted = index.count_with(count, what)
    assert [counted(p) for p in pieces] == [len(path) for path in paths]
  assert calls == [*paths, *paths]
