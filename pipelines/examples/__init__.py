"""Examples of finished runs, read back for people.

`runs` loads a run, `kinds` says what its data sets are, `sample` reads some of
their records, and the other modules take an example apart: `masked` those of
denoisers, `packed` sequences, `prompts` instructions. `rejects` reads what was
not used. Nothing here writes.
"""

from ul2_flan.pipelines.examples.runs import Run, load
