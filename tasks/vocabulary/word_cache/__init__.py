"""SentencePiece's ids, for less: words are segmented once and looked up."""

from ul2_flan.tasks.vocabulary.word_cache.cache import WordCache as WordCache
from ul2_flan.tasks.vocabulary.word_cache.rules import rules_of as rules_of
