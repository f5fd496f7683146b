"""The suites' functions for seqio, called as seqio calls them."""

import json

import pytest
import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suite_scoring
from ul2_flan.tasks.evaluation.suite_scoring import metric_of, postprocess


def scored(name, rows):
  """Scores rows of a record and what a model said."""
  targets = [
    postprocess('(A)', example=example, is_target=True) for example, _ in rows
  ]
  said = [
    postprocess(text, example=example, is_target=False)
    for example, text in rows
  ]
  return metric_of(name)(targets, said)


def test_all_references_of_a_record_count():
  example = {'id': b'x', 'answers': json.dumps(['cat', 'kissa ä']).encode()}
  found = scored('tydiqa:fi:direct', [(example, 'Kissa Ä'), ({'id': 'y'}, 'b')])
  assert found == {
    'accuracy': 50, 'normalised': 50, 'unparsed': 0, 'fallback': 0, 'f1': 50,
  }  # fmt: skip


def test_records_of_a_prompt_vote_and_ties_go_to_the_first_sample():
  example = {'id': 'x', 'answers': '["4"]'}
  said = {2: 'is 5', 1: 'is 4', 0: 'is 4', 3: 'is 5'}
  rows = [(example | {'sample': i}, text) for i, text in said.items()]
  assert scored('mgsm:bn:cot', rows)['accuracy'] == 100
  rows = [(example | {'sample': 5 - i}, text) for i, text in said.items()]
  assert scored('mgsm:bn:cot', rows)['accuracy'] == 0


def test_decodes_of_a_record_vote_and_ties_go_to_the_likeliest():
  """T5X sorts them by increasing likelihood."""
  example = {'id': 'x', 'answers': '["4"]'}
  for said, right in ((['is 5', 'is 4'], 100), (['is 4', 'is 5'], 0)):
    assert scored('mgsm:bn:cot', [(example, said)])['accuracy'] == right


def test_records_without_an_id_are_prompts_of_their_own():
  rows = [({}, '(A)'), ({}, '(B)')]
  assert scored('bbh:snarks:direct', rows)['accuracy'] == 50
  assert scored('bbh:snarks:direct', rows)['normalised'] == 0


@pytest.mark.parametrize(
  ('name', 'message'),
  [
    ('bbh:snarks', 'no task of a suite: give <suite>:<task>:<variant>'),
    ('bbh:snark:cot', "Did you mean 'snarks'"),
    ('tydiqa:fi:cot', 'Known: direct'),
  ],
)
def test_what_is_no_task_of_a_suite(name, message):
  with pytest.raises(UserError, match=message):
    metric_of(name)


def test_choices_of_records():
  example = {'question': 3, 'choice': 1, 'is_correct': 1, 'tokens': 4}
  choice = suite_scoring.postprocess_choice('x', example=example)
  assert choice == (3, 1, 1.0, 4, 1)
  with pytest.raises(UserError, match='its fields: question'):
    suite_scoring.postprocess_choice('x', example={'question': 3})


@pytest.mark.parametrize(
  ('metric', 'output'),
  [
    (metric_of('bbh:snarks:cot'), seqio.metrics.ModelOutputType.PREDICTION),
    (suite_scoring.rank_metric, seqio.metrics.ModelOutputType.SCORE),
  ],
)
def test_seqio_knows_what_a_metric_takes(metric, output):
  made = seqio.metrics.PassthroughLegacyMetric.from_metric_fn(
    metric, postprocess
  )
  assert made.empty().model_output_type is output
