"""Pipelines are made of chains, and leave nothing if they are not run."""

from pathlib import Path

from apache_beam.options.pipeline_options import PipelineOptions
import pytest

from ul2_flan.pipelines.engines import on_beam
from ul2_flan.tasks.errors import UserError


def test_a_pipeline_that_is_not_run_leaves_no_folder():
  with on_beam.pipeline(PipelineOptions(['--runner=FnApiRunner'])) as made:
    folder = Path(made.local_tempdir)
  assert not folder.exists()


def test_a_runner_that_is_not_there_is_told():
  with (
    pytest.raises(UserError, match=r'Beam refuses its options: .*NoRunner'),
    on_beam.pipeline(PipelineOptions(['--runner=NoRunner'])),
  ):
    pass
