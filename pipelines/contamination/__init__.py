"""Looks for the texts of evaluation suites in what finished runs train on.

    documents or examples → n-grams that suites have → items that are touched

>>> Config(manifests=['flan', 'ul2r'], evaluation='eval').rule
'13gram'

`run(config, output=...)` does it all and returns the manifest, as in
`ul2_flan.pipelines.ul2`.
"""

from typing import TYPE_CHECKING

from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.contamination.kind import KIND
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.api import Api, late

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
main = _API.main
__getattr__ = late
