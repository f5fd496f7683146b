"""What a task is: pure functions from tokens and rows to examples.

Nothing here knows of Beam. TensorFlow and seqio are imported by `register` and
its parts alone, so that a Beam worker pays for neither.
"""

if __name__ != 'ul2_flan.tasks':
  raise ImportError('import this package as ul2_flan.tasks (make .venv)')
