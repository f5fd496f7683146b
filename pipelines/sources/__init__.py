"""Reads text on any file system as a stream of blocks of documents.

`formats.split` divides a file into pieces, each of which one work item reads;
`formats.read` gives a piece to the reader of its format (`jsonl`, `parquet`,
`text`, `tfrecord`). A reader yields blocks of documents, and beside them a
reject for each record that it cannot use, with its place. Below the readers,
`decompress` inflates files and `lines` cuts them into lines.
"""

from ul2_flan.pipelines.sources.block import (
  DocumentBlock,
  Piece,
  Reject,
  SourceOptions,
)
from ul2_flan.pipelines.sources.formats import READERS, read, split
