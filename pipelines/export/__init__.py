"""Writes the shards of a finished run anew, in a format that others read.

    a shard → frames → (columns, with EOS) → a shard in another format

>>> Config(manifest='flan', format='parquet').columns
'seqio'

`run(config, output=...)` does it all and returns the manifest; with `plan` and
`Materialise` you can put it into a Beam pipeline of your own.
`ul2_flan.pipelines.ul2` has an example that runs.
"""

from collections.abc import Sequence
import sys
from typing import TYPE_CHECKING

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.export.config import Config
from ul2_flan.pipelines.export.kind import KIND
from ul2_flan.pipelines.launch.api import Api, late

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
__getattr__ = late


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Runs the command line, whose first word may be the run; see `Api.main`."""
  given = list(sys.argv[1:] if argv is None else argv)
  if given and not given[0].startswith('-'):
    given.insert(0, '--manifest')
  return _API.main(given, prog)
