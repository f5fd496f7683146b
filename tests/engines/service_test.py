"""Jobs for a service: their names, what they carry, how they are refused."""

import base64
import bz2
import dataclasses
import re

import apache_beam as beam
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import (
  GoogleCloudOptions,
  PipelineOptions,
  SetupOptions,
)
from apache_beam.pipeline import PipelineVisitor
from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines import materialise, mix_transform, service
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.work import Group, Plan
from ul2_flan.tasks.errors import UserError

PLAN = Plan('ul2', {}, (), {'a': Group(('ul2r',), 1, 1, 0)}, {}, {})
STEPS = {
  'materialise': materialise.Materialise('gs://b/out', 'f' * 16, Budget(0.01)),
  'mix': mix_transform.Mix('gs://b/out', 'f' * 16, (0, 1), Budget(0.01)),
  'finish': mix_transform.Finish('gs://b/out', 'f' * 16, Budget(0.01)),
}


@given(st.text(), st.sampled_from(['ul2', 'flan', 'mix']))
def test_every_name_meets_dataflows_rule(data_set: str, job: str):
  groups = {'a': Group((data_set,), 1, 1, 0)}
  name = service.job_name(dataclasses.replace(PLAN, job=job, groups=groups))
  assert re.fullmatch(r'[a-z]([-a-z0-9]{0,61}[a-z0-9])?', name)
  assert name.startswith(job)


def test_names_tell_plans_apart():
  other = dataclasses.replace(PLAN, config={'seed': 1})
  assert service.job_name(PLAN) != service.job_name(other)


@pytest.mark.parametrize('runner', ['DataflowRunner', 'FlinkRunner'])
def test_a_service_gets_a_name_and_no_main_session(runner: str):
  options = PipelineOptions([f'--runner={runner}'])
  service.prepare(options, PLAN, 'gs://b/out')
  name = options.view_as(GoogleCloudOptions).job_name
  assert name == service.job_name(PLAN)
  assert options.view_as(SetupOptions).save_main_session is False


def test_what_was_given_stays():
  flags = ['--runner=DataflowRunner', '--job_name=j', '--save_main_session']
  options = PipelineOptions(flags)
  service.prepare(options, PLAN, 'gs://b/out')
  assert options.view_as(GoogleCloudOptions).job_name == 'j'
  assert options.view_as(SetupOptions).save_main_session is True


def test_an_output_that_workers_do_not_see_is_refused():
  options = PipelineOptions(['--runner=DataflowRunner'])
  with pytest.raises(UserError, match='give a folder on a bucket'):
    service.prepare(options, PLAN, '/tmp/out')
  service.prepare(PipelineOptions(['--runner=local']), PLAN, '/tmp/out')


@pytest.mark.parametrize('runner', ['FlinkRunner', 'SparkRunner'])
def test_a_cluster_needs_absolute_paths(runner: str):
  options = PipelineOptions([f'--runner={runner}'])
  service.prepare(options, PLAN, '/mnt/out')
  with pytest.raises(
    UserError, match=r"'out' is relative.*give absolute paths"
  ):
    service.prepare(options, PLAN, 'out')
  for config in (
    {'vocabulary': {'path': 'my.model'}},
    {'manifests': [{'output': 'my.run'}]},
  ):
    plan = dataclasses.replace(PLAN, config=config)
    with pytest.raises(UserError, match=r"'my\.\w+' is relative"):
      service.prepare(options, plan, '/mnt/out')
    service.prepare(PipelineOptions(['--runner=FnApiRunner']), plan, 'out')


def pickled(value) -> bytes:
  """As Beam pickles it, without the compression."""
  return bz2.decompress(base64.b64decode(pickler.dumps(value)))


@pytest.mark.parametrize('step', STEPS)
def test_a_job_is_small(step: str):
  pipeline = beam.Pipeline(runner='FnApiRunner')
  _ = pipeline | dataclasses.replace(STEPS[step])
  proto = pipeline.to_runner_api()
  assert len(proto.SerializeToString()) < 100_000  # of about 10 MB allowed


@pytest.mark.parametrize('step', STEPS)
def test_our_functions_are_pickled_by_name(step: str):
  """Code that is pickled itself would name the file that it is from."""
  found = []

  class Functions(PipelineVisitor):
    def visit_transform(self, transform_node):
      if isinstance(transform_node.transform, beam.ParDo):
        found.append(transform_node.transform)

  pipeline = beam.Pipeline(runner='FnApiRunner')
  _ = pipeline | dataclasses.replace(STEPS[step])
  pipeline.visit(Functions())
  assert found
  for transform in found:
    data = pickled((transform.fn, transform.args, transform.kwargs))
    assert b'ul2_flan.pipelines' in data
    for name in (b'materialise.py', b'mix_transform.py'):
      assert name not in data


def test_a_function_that_is_pickled_whole_would_be_noticed():
  assert b'service_test.py' in pickled(lambda x: (x, STEPS))
