"""Formats of exports: each writes a file from windows of framed examples."""

from collections.abc import Mapping

from ul2_flan.pipelines.export.formats.array_record import ArrayRecordWriter
from ul2_flan.pipelines.export.formats.chat import ChatWriter
from ul2_flan.pipelines.export.formats.parquet import ParquetWriter
from ul2_flan.pipelines.export.formats.writer import Writer

WRITERS: Mapping[str, type[Writer]] = {
  'parquet': ParquetWriter,
  'array_record': ArrayRecordWriter,
  'chat': ChatWriter,
}
