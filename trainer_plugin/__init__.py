"""Trains T5X models on our data sets: UL2R first, Flan after."""

if __name__ != 'ul2_flan.trainer_plugin':
  raise ImportError(
    'import this package as ul2_flan.trainer_plugin (make .venv)'
  )
