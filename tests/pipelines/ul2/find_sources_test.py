"""Sources are found by path, pattern and folder."""

import os
from pathlib import Path
from typing import Any

import pytest
from support.corpora import write

from ul2_flan.pipelines.run.paths import Ours
from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.tasks.errors import UserError


def test_folders_are_read_without_what_engines_hide(tmp_path: Path):
  names = ['b.jsonl', 'a.txt', 'sub/c.jsonl', 'sub/deep/d.jsonl']
  hidden = ['_SUCCESS', '.a.txt.crc', '_temporary/0/x.jsonl', 'sub/.git/y.txt']
  for name in (*names, *hidden):
    write(tmp_path / '_in' / name, b'x')
  expected = sorted(str(tmp_path / '_in' / name) for name in names)
  for folder in (f'{tmp_path}/_in', f'{tmp_path}/_in/'):
    found = find_sources([folder])
    assert [*found.files] == [(path, 1) for path in expected]


def test_globs_and_paths_that_meet_give_each_file_once(tmp_path: Path):
  paths = [write(tmp_path / n, b'ab') for n in ('1.jsonl', '2.jsonl', '_3.txt')]
  patterns = [str(tmp_path / '*.jsonl'), paths[2], paths[0], str(tmp_path)]
  found = find_sources(patterns).files
  assert [*found] == [(path, 2) for path in paths]


@pytest.mark.parametrize(
  ('pattern', 'message'),
  [
    ('none.jsonl', r"--input '.*none\.jsonl' matches no file"),
    ('*.parquet', r"\*\.parquet' matches no file"),
    ('nowhere://a/*.jsonl', r"cannot open 'nowhere://a"),
  ],
)
def test_a_missing_source_is_told(tmp_path: Path, pattern: str, message: str):
  there = write(tmp_path / 'a.jsonl', b'x')
  pattern = pattern if '://' in pattern else str(tmp_path / pattern)
  with pytest.raises(UserError, match=message):
    find_sources([there, pattern])


def found(*inputs: str, **more: Any) -> list[str]:
  return [path for path, _ in find_sources(inputs, **more).files]


def test_a_file_is_read_once_under_the_first_of_its_names(
  tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
  write(tmp_path / 'in/a.jsonl', b'x')
  (tmp_path / 'in/b.jsonl').symlink_to('a.jsonl')
  (tmp_path / 'link').symlink_to('in')
  os.link(tmp_path / 'in/a.jsonl', tmp_path / 'in/c.jsonl')
  monkeypatch.chdir(tmp_path)
  folder = f'{tmp_path}/in'
  for given in ('in', './in', folder, f'{folder}/'):
    first = f'{given.rstrip("/")}/a.jsonl'
    others = ['in', './in', folder, 'link', 'in/*.jsonl', 'link/c.jsonl']
    assert found(given, *others) == [first]


def test_a_name_that_tells_the_format_is_taken(tmp_path: Path):
  # As in the hub's cache.
  write(tmp_path / 'blobs/0a1b', b'x')
  (tmp_path / 'snapshots/1').mkdir(parents=True)
  (tmp_path / 'snapshots/1/train.jsonl').symlink_to('../../blobs/0a1b')
  assert found(str(tmp_path)) == [f'{tmp_path}/snapshots/1/train.jsonl']


@pytest.mark.parametrize('name', ['a[1]', 'a*', 'a?', '[', 'a[1-', '**'])
def test_an_input_is_tried_as_it_stands_first(tmp_path: Path, name: str):
  write(tmp_path / 'a1/x.txt', b'x')
  write(tmp_path / 'ab/x.txt', b'x')
  mine = write(tmp_path / name / 'mine.txt', b'x')
  file = write(tmp_path / f'{name}.txt', b'x')
  assert found(f'{tmp_path}/{name}') == [mine]
  assert found(f'{tmp_path}/{name}.txt') == [file]
  if '*' not in name and '?' not in name:
    assert found(f'{tmp_path}/{name}/*.txt') == [mine]


def test_a_pattern_needs_no_slash_and_follows_links(
  tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
  write(tmp_path / 'in/a.jsonl', b'x')
  write(tmp_path / 'disk/b.jsonl', b'x')
  (tmp_path / 'in/more').symlink_to(tmp_path / 'disk')
  monkeypatch.chdir(tmp_path / 'in')
  assert found('*.jsonl') == ['a.jsonl']
  assert found('*/*.jsonl') == ['more/b.jsonl']
  assert found('.') == ['./a.jsonl', './more/b.jsonl']


BESIDE = ['README.md', 'LICENSE', 'dataset_infos.json', '.gitattributes']


def test_what_lies_beside_the_data_is_left_out_and_said_once(tmp_path: Path):
  data = write(tmp_path / 'train.jsonl', b'x')
  for name in (*BESIDE, '._train.jsonl', '_SUCCESS', '.git/objects/0'):
    write(tmp_path / name, b'x')
  folder = find_sources([f'{tmp_path}', f'{tmp_path}/'])
  left = sorted([*BESIDE, '._train.jsonl', '_SUCCESS', '.git'])
  assert folder.files == ((data, 1),)
  assert list(folder.left_out) == [f'{tmp_path}/{name}' for name in left]
  assert folder.note.count('README.md') == 1
  assert '2 more. Name a file to read it' in folder.note
  for pattern in ('*', '**', '*.json*'):
    assert find_sources([f'{tmp_path}/{pattern}']).files == folder.files
  assert 'README' not in find_sources([f'{tmp_path}/*.jsonl', data]).note


def test_what_is_named_is_read(tmp_path: Path):
  for name in (*BESIDE, '_part.txt', 'read_me_corpus.txt'):
    write(tmp_path / name, b'x')
  for name in BESIDE:
    assert found(f'{tmp_path}/{name}') == [f'{tmp_path}/{name}']
    both = find_sources([str(tmp_path), f'{tmp_path}/{name}'])
    assert f'{tmp_path}/{name}' not in both.left_out
  assert found(f'{tmp_path}/README*') == [f'{tmp_path}/README.md']
  assert f'{tmp_path}/_part.txt' in found(f'{tmp_path}/*.txt')
  with pytest.raises(UserError, match=r'no file but .*README\.md: name it'):
    find_sources([f'{tmp_path}/*.md'])


def test_what_the_run_writes_is_no_source(tmp_path: Path):
  data = write(tmp_path / 'a.jsonl', b'x')
  write(tmp_path / 'out/ul2r/train.tfrecord-00000-of-00001', b'x')
  is_ours = Ours(f'{tmp_path}/out', 'ul2r')
  for given in (str(tmp_path), f'{tmp_path}/**'):
    assert found(given, is_ours=is_ours) == [data]


def test_a_link_to_nothing_is_no_silent_loss(tmp_path: Path):
  (tmp_path / 'a.jsonl').touch()
  (tmp_path / '.hidden').symlink_to('none')
  assert found(*[str(tmp_path)]) == [f'{tmp_path}/a.jsonl']
  (tmp_path / 'b.jsonl').symlink_to('unfetched')
  for given in (str(tmp_path), f'{tmp_path}/*.jsonl', f'{tmp_path}/b.jsonl'):
    with pytest.raises(UserError, match=r'link to nothing.*b\.jsonl'):
      find_sources([given])
  assert found(*[f'{tmp_path}/a*']) == [f'{tmp_path}/a.jsonl']
