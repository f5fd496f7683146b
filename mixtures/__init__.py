"""Mixtures: definitions as data, and the arithmetic of rates."""

if __name__ != 'ul2_flan.mixtures':
  raise ImportError('import this package as ul2_flan.mixtures (make .venv)')

import ul2_flan.tasks  # before NumPy: see its `one_thread`
