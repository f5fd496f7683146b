"""BIG-Bench-Hard's rules: the whole text, or what follows 'the answer is'.

The rule for chains of thought reproduces the 54 accuracies that the authors
published with Codex's predictions (arXiv 2210.09261; suzgunmirac/BIG-Bench-Hard
at 9ee07bd, `code-davinci-002-outputs`).
"""

import re

from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted

_CUE = re.compile(r'[Tt]he answer is(?P<answer>.*)')


def whole(text: str, language: str = 'en') -> Extracted:
  """Takes all of the text, without white space around it.

  >>> whole(' (A) ')
  Extracted(answer='(A)', how='whole')
  """
  text = text.strip()
  return Extracted(text, 'whole') if text else NONE


def answer_line(text: str, language: str = 'en') -> Extracted:
  """Takes what follows the last 'the answer is', to the end of the line.

  One full stop at the end is not part of the answer. Brackets are: an answer of
  dyck_languages is nothing else.

  >>> answer_line('Is it 1? The answer is 2.')
  Extracted(answer='2', how='cue')
  >>> answer_line('So the answer is ] ].').answer
  '] ]'
  >>> answer_line('It is 2.')
  Extracted(answer='', how='none')
  """
  lines = [match['answer'] for match in _CUE.finditer(text)]
  # A line may have the cue twice, and only the last one announces the answer.
  last = re.split('[Tt]he answer is', lines[-1])[-1] if lines else ''
  answer = last.strip().removesuffix('.').strip()
  return Extracted(answer, 'cue') if answer else NONE
