"""Makes instruction examples of the tasks of the Flan collection.

    find tasks → read rows → select → prepare → trim → render → encode

>>> Config(sources={'cot': ['tasks/cot']}, vocabulary='small.model').settings
('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')

`run(config, output=...)` does it all and returns the manifest; with `plan` and
`Materialise` you can put it into a Beam pipeline of your own.
`ul2_flan.pipelines.ul2` has an example that runs.
"""

from typing import TYPE_CHECKING

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.flan.kind import KIND
from ul2_flan.pipelines.launch.api import Api, late

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
main = _API.main
__getattr__ = late
