r"""Registers manifests when it is imported, for programs without code of ours.

    export UL2_FLAN_MANIFESTS=gs://bucket/flan,gs://bucket/eval
    python -m t5x.eval --gin_file=t5x/configs/runs/eval.gin … \
        --gin.MIXTURE_OR_TASK_MODULE=\"ul2_flan.tasks.registered\"

Stock seqio tools and stock gin files name a module that they import, and find
the tasks that it has registered. The variables of the environment are

* UL2_FLAN_MANIFESTS: outputs of runs, or their manifests, with commas between;
* UL2_FLAN_VOCABULARY: the model's vocabulary, if its file is not where the
  pipeline read it. T5X compares the two by path.
"""

import os

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import register

_MANIFESTS, _VOCABULARY = 'UL2_FLAN_MANIFESTS', 'UL2_FLAN_VOCABULARY'

# The names of all that was registered, as `register` returns them.
NAMES = [
  name
  for path in os.environ.get(_MANIFESTS, '').split(',')
  if path.strip()
  for name in register(path.strip(), os.environ.get(_VOCABULARY) or None)
]

if not NAMES:
  raise UserError(
    f'{_MANIFESTS} names no manifest: set it to the outputs of the runs that '
    f"'{__name__}' is to register, with commas between"
  )
