"""Makes records: work items, streamed through pure functions by Beam."""

import gc
import logging

if __name__ != 'ul2_flan.pipelines':
  raise ImportError('import this package as ul2_flan.pipelines (make .venv)')

# At every import, Beam warns that it has no BigQuery. Nobody asked for it.
logging.getLogger().addFilter(
  lambda record: not record.getMessage().startswith('apitools not found')
)

# Imported here, because the whole package needs it. All that the import creates
# stays, and looking for garbage in it takes a quarter of its 1.3 seconds.
_collects = gc.isenabled()
gc.disable()
import apache_beam as _  # noqa: E402

gc.freeze()
if _collects:
  gc.enable()
