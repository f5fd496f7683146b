"""Finds texts of evaluation suites in training text, by the n-grams they share.

    texts → characters → units (words) → n-grams, hashed → numbers of grams

`rules` says when a text counts as found, `characters` and `units` what is
compared; `index` holds the grams of all suites, and `scanner` looks for them.
"""

from ul2_flan.tasks.contamination.index import Index, Item
from ul2_flan.tasks.contamination.rules import RULES, Rule
from ul2_flan.tasks.contamination.scanner import Hits, Scanner
