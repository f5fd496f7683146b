"""Paths are joined by the rules of their file system."""

import pytest

from ul2_flan.pipelines.storage import schemes
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize(
  ('path', 'local'),
  [('/a/b', True), ('a', True), ('gs://b/a', False), ('hdfs://a', False)],
)
def test_paths_without_a_scheme_are_local(path: str, local: bool):
  assert schemes.is_local(path) == local


def test_names_are_joined():
  assert schemes.join('/a', 'b', 'c') == '/a/b/c'
  assert schemes.join('', 'b') == 'b'
  with pytest.raises(UserError, match=r"cannot open 'nowhere://a'"):
    schemes.join('nowhere://a', 'b')
