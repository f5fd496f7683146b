"""The configuration of a search."""

import pytest

from ul2_flan.pipelines.contamination import Config
from ul2_flan.tasks.errors import UserError


def test_runs_may_be_given_by_their_manifests():
  config = Config(
    manifests=['a/out', 'b/manifest.json'], evaluation='manifest.json'
  )
  assert (config.outputs, config.suites) == (('a/out', 'b'), '.')


@pytest.mark.parametrize(
  ('values', 'said'),
  [
    ({'rule': '13'}, r"--rule.*'13'.*'13gram'"),
    (
      {'manifests': []},
      r'as --manifest, .* as --source SUITE=DIR, or text as --input',
    ),
    ({'sources': {'niv': ['a']}}, "suite of --source 'niv'.*'niv2'"),
    ({'manifests': 'a'}, "give a list, such as \\['a'\\]"),
    ({'name': 'a b'}, "--name 'a b'"),
  ],
)
def test_what_no_search_can_have_is_refused(values, said: str):
  with pytest.raises(UserError, match=said):
    Config(**{'manifests': ['a'], 'evaluation': 'b', **values})
