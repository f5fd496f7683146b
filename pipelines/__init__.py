"""How records are made: work items, streamed through pure functions by Beam."""

import gc
import logging

if __name__ != 'ul2_flan.pipelines':
  raise ImportError('import this package as ul2_flan.pipelines (make .venv)')

# Beam warns at every import that it has no BigQuery, which nobody asked for.
logging.getLogger().addFilter(
  lambda record: not record.getMessage().startswith('apitools not found')
)

# Here, as all else of this package needs it. What it creates stays: to look
# again and again for what does not takes a quarter of its 1.3 seconds.
_collects = gc.isenabled()
gc.disable()
import apache_beam as _  # noqa: E402, F401

gc.freeze()
if _collects:
  gc.enable()
