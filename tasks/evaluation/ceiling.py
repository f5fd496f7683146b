"""The score that a vocabulary allows: of right answers, which it can write.

A model's answer is decoded from token ids. T5's vocabulary has neither `{` nor
Thai letters, so no model with it gets these right, whatever it says.
"""

from collections.abc import Sequence

from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.extraction import EXTRACTORS
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.evaluation.rules import RULES
from ul2_flan.tasks.evaluation.suites import SuiteTask
from ul2_flan.tasks.vocabulary import Vocabulary


def writable(
  task: SuiteTask, questions: Sequence[Question], vocabulary: Vocabulary
) -> int:
  """Counts the questions of which a vocabulary can write a right answer.

  An answer counts if it is right, by the suite's own rule, after it has gone
  through token ids and back.
  """
  variants = suites.load(task.suite).variants
  # The rule of a suite is the same for all; answers here have no reasoning.
  variant = variants.get('direct') or next(iter(variants.values()))
  extract, rule = EXTRACTORS[variant.extractor], RULES[variant.rule]
  count = 0
  for question in questions:
    right = {rule.form(a, task.language) for a in question.answers} - {''}
    count += any(
      rule.answer_form(extract(text, task.language).answer, task.language)
      in right
      for answer in question.answers
      for text in [vocabulary.decode(vocabulary.encode(answer))]
    )
  return count
