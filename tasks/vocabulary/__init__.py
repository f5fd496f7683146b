"""SentencePiece vocabularies, with the sentinels that T5 appends to them."""

from ul2_flan.tasks.vocabulary.vocabulary import Vocabulary as Vocabulary
