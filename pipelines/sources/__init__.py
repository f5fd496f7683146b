"""Reads text on any file system as a stream of blocks of documents.

`formats.split` divides a file into pieces, each of which one work item reads;
`formats.read` gives a piece to the reader of its format (`jsonl`, `parquet`,
`text`, `tfrecord`). A reader yields blocks of documents, and beside them a
reject for each record that it cannot use, with its place. Below the readers,
`decompress` inflates files and `lines` cuts them into lines.
"""

from ul2_flan.pipelines.sources.block import DocumentBlock as DocumentBlock
from ul2_flan.pipelines.sources.block import Piece as Piece
from ul2_flan.pipelines.sources.block import Reject as Reject
from ul2_flan.pipelines.sources.block import SourceOptions as SourceOptions
from ul2_flan.pipelines.sources.formats import READERS as READERS
from ul2_flan.pipelines.sources.formats import read as read
from ul2_flan.pipelines.sources.formats import split as split
