"""What a task is: pure functions from tokens and rows to examples.

Nothing here knows of Beam. Only `register` and its parts import TensorFlow and
seqio, so a Beam worker pays for neither.
"""

if __name__ != 'ul2_flan.tasks':
  raise ImportError('import this package as ul2_flan.tasks (make .venv)')

from ul2_flan.tasks import one_thread

# Before anything imports NumPy.
one_thread.ask_for_one()
