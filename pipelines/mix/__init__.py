"""Mixes data sets of finished runs into one: at exact rates, shuffled, packed.

    manifests → places of all examples → read → shuffle → (pack) → write

>>> Config(manifests=['flan'], mixture='flan2022_b', pack='enc_dec').data_set
'flan2022_b_packed'

`run(config, output=...)` does it all and returns the manifest; with `plan` and
`Materialise` you can put it into a Beam pipeline of your own.
`ul2_flan.pipelines.ul2` has an example that runs.
"""

from typing import TYPE_CHECKING

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.api import Api, late
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.kind import KIND

if TYPE_CHECKING:
  from ul2_flan.pipelines.launch.materialise import Materialise

_API = Api(KIND)
plan = _API.plan
run = _API.run
main = _API.main
__getattr__ = late
