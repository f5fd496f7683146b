"""The flags of the `export` command."""

from ul2_flan.pipelines.export.config import COLUMNS, Config
from ul2_flan.pipelines.export.flags import FLAGS
from ul2_flan.tasks.manifest import EXPORTS


def test_they_offer_what_the_configuration_takes():
  flags = {flag.name: flag for group in FLAGS for flag in group.flags}
  assert flags['format'].choices == EXPORTS
  assert flags['columns'].choices == COLUMNS
  for columns in COLUMNS:
    Config(manifest='a', format='parquet', columns=columns)
  for name in EXPORTS:
    Config(manifest='a', format=name)
