"""What Beam takes for a mix run's blocks when nothing is made of them.

A module of its own: what is in `__main__` would be sent with the functions.
"""

from __future__ import annotations

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from ul2_flan.pipelines.mix.shuffle import DocumentBlock

# Of each read, the blocks that it gives; in memory, and sent with nothing.
BLOCKS: list[list[tuple[int, DocumentBlock]]] = []


def run() -> None:
  """A mix run's steps and its blocks, without its work."""
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


def _blocks(keyed: tuple[int, object]) -> list[tuple[int, DocumentBlock]]:
  return BLOCKS[keyed[0]]


def _nothing(keyed: tuple[int, object]) -> int:
  return keyed[0]
