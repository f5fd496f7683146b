"""The flags of the `export` command."""

from ul2_flan.pipelines.export.config import COLUMNS, Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.tasks.manifest import EXPORTS

FLAGS = flags.read(
  __package__,
  'flags.toml',
  Config,
  choices={'formats': EXPORTS, 'columns': COLUMNS},
)
