"""A question's key is unique in its task."""

from support.evaluation.suite_files import MMLU, material


def test_questions_of_two_splits_have_other_keys():
  splits = material('mmlu:anatomy', MMLU).questions.values()
  keys = [question.key for questions in splits for question in questions]
  assert keys == ['dev-0', 'dev-1', 'test-0', 'test-1', 'validation-0']
