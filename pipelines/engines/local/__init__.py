"""Our runner for this machine: worker processes, and a shuffle on disk.

`runner` cuts a chain into stages where it groups by key. For each key of a
stage it makes a call, the key with its values; `pool` hands the calls to worker
processes (`process`), which run the stage's steps (`stage`). What a call emits
goes back to the launcher, which groups it for the next stage.
"""

from ul2_flan.pipelines.engines.local.runner import (
  NAME,
  LocalRunner,
  WorkFailedError,
  cores,
)
