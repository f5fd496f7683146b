"""Makes evaluation data of the suites of Flan's paper: no model trains on it.

    find tasks → read questions → make prompts as the authors did → encode

>>> Config(sources={'bbh': ['BIG-Bench-Hard']}, vocabulary='small.model').split
''

`run(config, output=...)` does it all and returns the manifest, as in
`ul2_flan.pipelines.ul2`.
"""

from typing import TYPE_CHECKING

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.evaluation.config import Config
from ul2_flan.pipelines.evaluation.kind import KIND
from ul2_flan.pipelines.launch.api import Api, late

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
main = _API.main
__getattr__ = late
