"""Formats of exports: each writes a file from windows of framed examples."""

from collections.abc import Mapping

from ul2_flan.pipelines.export.formats.parquet import ParquetWriter
from ul2_flan.pipelines.export.formats.writer import Writer

WRITERS: Mapping[str, type[Writer]] = {'parquet': ParquetWriter}
