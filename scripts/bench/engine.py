"""Sends the blocks of a mix run through Beam, and makes nothing of them.

It is a module of its own, because Beam would send all that is in `__main__`
along with the functions.
"""

from __future__ import annotations

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from ul2_flan.pipelines.mix.frames import FrameBlock

# The blocks of each read. Beam's steps take them from memory by their index.
BLOCKS: list[list[tuple[int, FrameBlock]]] = []


def run() -> None:
  """Runs the steps of a mix run on its blocks, without its work."""
  options = PipelineOptions(['--runner=FnApiRunner'])
  with beam.Pipeline(options=options) as pipeline:
    _ = (
      pipeline
      | beam.Create(list(range(len(BLOCKS))), reshuffle=False)
      | 'Number' >> beam.FlatMap(_numbered)
      | 'Spread' >> beam.GroupByKey()
      | 'Read' >> beam.FlatMap(_blocks)
      | 'Gather' >> beam.GroupByKey()
      | 'Nothing' >> beam.Map(_nothing)
    )


def _numbered(index: int) -> list[tuple[int, None]]:
  return [(index, None)]


def _blocks(keyed: tuple[int, object]) -> list[tuple[int, FrameBlock]]:
  return BLOCKS[keyed[0]]


def _nothing(keyed: tuple[int, object]) -> int:
  return keyed[0]
