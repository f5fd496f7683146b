"""How predictions on a validation split are scored.

`evaluation_of` says how, for a task of the catalog, in a word that a run's
manifest holds; `scoring` makes functions of that word for seqio.
"""

from ul2_flan.tasks.evaluation.metrics import evaluation_of as evaluation_of
from ul2_flan.tasks.evaluation.scoring import KINDS as KINDS
from ul2_flan.tasks.evaluation.scoring import Scoring as Scoring
from ul2_flan.tasks.evaluation.scoring import scoring as scoring
