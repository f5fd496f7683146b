"""Makes records: work items, streamed through pure functions by Beam."""

import logging

if __name__ != 'ul2_flan.pipelines':
  raise ImportError('import this package as ul2_flan.pipelines (make .venv)')

import ul2_flan.tasks  # before NumPy: see its `one_thread`

# At every import, Beam warns that it has no BigQuery. Nobody asked for it.
logging.getLogger().addFilter(
  lambda record: not record.getMessage().startswith('apitools not found')
)
