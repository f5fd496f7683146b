"""Paths are split into bucket and name; Beam's options are viewed as a kind."""

from apache_beam.options.pipeline_options import PipelineOptions, S3Options
import pytest

from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize(
  ('path', 'bucket', 'name'),
  [
    ('gs://b/a/c.txt', 'b', 'a/c.txt'),
    ('s3://b/', 'b', ''),
    ('s3://b', 'b', ''),
    ('gs://b//a', 'b', '/a'),
    ('gs://b/a\nb', 'b', 'a\nb'),
  ],
)
def test_paths_are_split(path: str, bucket: str, name: str):
  assert client.split(path) == (bucket, name)


@pytest.mark.parametrize('path', ['gs://', 'gs:///a', '/b/a', 'b'])
def test_paths_without_a_bucket_are_refused(path: str):
  with pytest.raises(UserError, match=f"'{path}' names no bucket"):
    client.split(path)


@pytest.mark.parametrize(
  'options',
  [{'s3_region_name': 'here'}, PipelineOptions(['--s3_region_name=here'])],
)
def test_launchers_and_workers_have_the_same_options(options: object):
  assert client.view(options, S3Options).s3_region_name == 'here'


def test_no_options_are_the_defaults():
  assert client.view(None, S3Options).s3_region_name is None
