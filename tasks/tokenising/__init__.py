"""SentencePiece's ids, for less: words are segmented once and looked up."""

from ul2_flan.tasks.tokenising.rules import rules_of as rules_of
from ul2_flan.tasks.tokenising.word_cache import WordCache as WordCache
