"""No question is lost in silence."""

import pytest

from ul2_flan.pipelines.evaluation import accounts
from ul2_flan.pipelines.evaluation.accounts import EvaluationAccounts
from ul2_flan.pipelines.run import Budget, Counts
from ul2_flan.tasks.errors import UserError

DIRECT, COT = 'eval:bbh:navigate:direct', 'eval:bbh:navigate:cot'


def counts_of(**numbers: dict[str, int]) -> Counts:
  return Counts(sums={globals()[name]: of for name, of in numbers.items()})


def asked(prompts: int, rejected: int = 0, samples: int = 1) -> dict[str, int]:
  return {
    'questions': prompts + rejected,
    'prompts': prompts,
    'rejected/inputs_too_long': rejected,
    'data/test/all/examples': prompts * samples,
  }


def test_there_is_a_mixture_for_each_suite_and_variant(plan):
  judged = EvaluationAccounts(plan(), Budget())
  judged.close('bbh:navigate', counts_of(DIRECT=asked(2), COT=asked(2)))
  judged.end(Counts(), 'out')
  assert judged.mixtures == {
    'eval': {DIRECT: 1.0, COT: 1.0},
    'eval:bbh': {DIRECT: 1.0, COT: 1.0},
    'eval:bbh:direct': {DIRECT: 1.0},
    'eval:bbh:cot': {COT: 1.0},
  }


def test_choices_are_all_examples(plan):
  judged = EvaluationAccounts(plan(samples=3), Budget())
  ranked = asked(2) | {'data/test/all/examples': 7, 'choices': 7}
  judged.close('bbh:navigate', counts_of(DIRECT=ranked))
  assert judged.mixtures['eval:bbh:direct'] == {DIRECT: 1.0}
  with pytest.raises(AssertionError, match='nor all choices'):
    judged.close('bbh:navigate', counts_of(DIRECT=ranked | {'choices': 6}))


def test_a_data_set_of_nothing_is_in_no_mixture(plan):
  judged = EvaluationAccounts(plan(), Budget(max_reject_fraction=1))
  judged.close('bbh:navigate', counts_of(DIRECT=asked(2), COT=asked(0, 2)))
  judged.end(Counts(), 'out')
  assert judged.mixtures['eval'] == {DIRECT: 1.0}


@pytest.mark.parametrize(
  ('counts', 'budget'),
  [(counts_of(COT=asked(8, 2)), 0.1), (counts_of(COT=asked(0, 2)), 1.0)],
)
def test_too_many_questions_that_do_not_fit_are_an_error(plan, counts, budget):
  judged = EvaluationAccounts(plan(), Budget(max_reject_fraction=budget))
  judged.close('bbh:navigate', counts)
  with pytest.raises(
    UserError, match=r'2 of \d+ questions are rejected \(2 inp'
  ):
    judged.end(Counts(), 'out')


@pytest.mark.parametrize(
  'numbers',
  [
    {**asked(3), 'questions': 4},
    {**asked(3, 1), 'rejected/inputs_too_long': 0},
    {**asked(3), 'dropped/no_label': 1},
    {**asked(3), 'data/test/all/examples': 2},
  ],
)
def test_counts_that_do_not_add_up_are_found(plan, numbers):
  judged = EvaluationAccounts(plan(), Budget())
  with pytest.raises(AssertionError, match='eval:bbh:navigate:cot: '):
    judged.close('bbh:navigate', counts_of(COT=numbers))


def test_an_engine_is_told_of_questions():
  withheld = {**asked(4), 'questions': 6, 'dropped/no_label': 2}
  found = accounts.records(counts_of(DIRECT=asked(3, 1), COT=withheld))
  assert found == {'read': 10, 'dropped': 2, 'rejected': 1}
