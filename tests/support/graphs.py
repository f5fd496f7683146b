"""Graphs of Beam for tests that look at one and run nothing."""

import shutil

import apache_beam as beam


def pipeline_of(*steps: beam.PTransform) -> beam.Pipeline:
  """A pipeline of these steps, side by side, that is built and not run."""
  pipeline = beam.Pipeline(runner='FnApiRunner')
  # Beam removes this folder only at the end of a run.
  shutil.rmtree(pipeline.local_tempdir)
  for step in steps:
    _ = pipeline | step
  return pipeline
