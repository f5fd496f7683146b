"""Trains T5X models on the data sets of this project: UL2R first, Flan after."""

if __name__ != 'ul2_flan.trainer_plugin':
  raise ImportError('import as ul2_flan.trainer_plugin (make .venv)')
