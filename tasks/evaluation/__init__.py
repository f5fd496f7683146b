"""Scores predictions on a validation split.

`evaluation_of` says how, for a task of the catalog, in a text that a run's
manifest holds; `scoring` makes functions of that text for seqio.
"""

from ul2_flan.tasks.evaluation.metrics import evaluation_of
from ul2_flan.tasks.evaluation.scoring import KINDS, Scoring, scoring
