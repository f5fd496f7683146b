"""The parts of `tasks.register`: seqio's sources and tasks for a manifest.

Nothing else in `tasks` imports seqio or TensorFlow.
"""
