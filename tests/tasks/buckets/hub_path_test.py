"""Paths of the hub name a repository, a revision and a file."""

import pytest

from ul2_flan.tasks.buckets.hub_path import CONVERTED, HubPath, without_commit
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize(
  ('path', 'expected'),
  [
    ('hf://datasets/allenai/c4', ('datasets/', 'allenai/c4', 'main', '')),
    ('hf://datasets/a/b@v1/c/d', ('datasets/', 'a/b', 'v1', 'c/d')),
    ('hf://google-t5/t5-base/x', ('', 'google-t5/t5-base', 'main', 'x')),
    ('hf://datasets/a/b@refs/pr/3/c', ('datasets/', 'a/b', 'refs/pr/3', 'c')),
    ('hf://datasets/a/b@~parquet/c', ('datasets/', 'a/b', CONVERTED, 'c')),
    ('hf://datasets/a/b@refs%2Fconvert%2Fparquet/c',
     ('datasets/', 'a/b', CONVERTED, 'c')),
    ('hf://datasets/glue@main/cola', ('datasets/', 'glue', 'main', 'cola')),
    ('hf://datasets/a/b/with@sign', ('datasets/', 'a/b', 'main', 'with@sign')),
  ],
)  # fmt: skip
def test_a_path_is_parsed(path, expected):
  found = HubPath.parse(path)
  assert (found.kind, found.repo, found.revision, found.name) == expected
  again = HubPath.parse(found.at(found.revision))
  assert again == found


def test_a_path_without_a_repository_is_an_error():
  for path in ('hf://', 'hf://datasets/', 'hf://datasets/glue', 'hf://x'):
    with pytest.raises(UserError, match='names no repository'):
      HubPath.parse(path)


def test_a_revision_is_taken_out():
  assert without_commit('/d/a@b') == '/d/a@b'
  assert without_commit('hf://a/b@refs/pr/1/c/d') == 'hf://a/b/c/d'
