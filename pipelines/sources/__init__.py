"""Text on any file system, as a stream of blocks of documents.

One file for each kind of source. A reader takes a piece (a file, or a part of
one) and yields blocks; what it cannot read it yields as rejects, each with its
place. `READERS` is the list of kinds.
"""

from ul2_flan.pipelines.sources.block import DocumentBlock as DocumentBlock
from ul2_flan.pipelines.sources.block import Piece as Piece
from ul2_flan.pipelines.sources.block import Reject as Reject
from ul2_flan.pipelines.sources.block import SourceOptions as SourceOptions
from ul2_flan.pipelines.sources.formats import READERS as READERS
from ul2_flan.pipelines.sources.formats import read as read
from ul2_flan.pipelines.sources.formats import split as split
