"""How records are made: work items, streamed through pure functions by Beam."""

import logging

if __name__ != 'ul2_flan.pipelines':
  raise ImportError('import this package as ul2_flan.pipelines (make .venv)')

# Beam warns at every import that it has no BigQuery, which nobody asked for.
logging.getLogger().addFilter(
  lambda record: not record.getMessage().startswith('apitools not found')
)
