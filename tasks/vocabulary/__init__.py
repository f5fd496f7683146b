"""SentencePiece vocabularies, with the sentinels that T5 appends to them.

`vocabulary` encodes and decodes; `word_cache` makes encoding large blocks
cheaper than SentencePiece does.
"""

from ul2_flan.tasks.vocabulary.vocabulary import Vocabulary
