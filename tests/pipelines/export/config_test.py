"""The configuration of an export."""

import pytest

from ul2_flan.pipelines.export import Config
from ul2_flan.tasks.errors import UserError


def test_a_run_may_be_given_by_its_manifest():
  for given, output in (
    ('a/out', 'a/out'),
    ('a/out/manifest.json', 'a/out'),
    ('manifest.json', '.'),
  ):
    assert Config(manifest=given, format='parquet').source == output


@pytest.mark.parametrize(
  ('values', 'said'),
  [
    ({'format': 'parket'}, r"--format.*'parket'.*'parquet'\?"),
    ({'format': 'tfrecord'}, "--format.*'tfrecord'"),
    ({'format': 'parquet', 'columns': 't5'}, "--columns.*'t5'"),
    ({'format': 'chat', 'columns': 'transformers'}, 'only parquet has col'),
  ],
)
def test_what_is_unknown_is_refused(values, said: str):
  with pytest.raises(UserError, match=said):
    Config(manifest='a', **values)
