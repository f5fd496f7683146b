"""Records hold prompts as they are; too long ones lose exemplars."""

from collections.abc import Iterator
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from ul2_flan.pipelines.evaluation.columns import DataSet
from ul2_flan.pipelines.evaluation.encode import Encoder
from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks import records
from ul2_flan.tasks.evaluation.prompting import Prompter
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.vocabulary import Vocabulary

EXEMPLARS = ('Is it red? No.', 'Is it blue? Yes.')
PROMPTER = Prompter('Say it.\n\n', lambda _: EXEMPLARS, lambda q: q.text)
DATA_SET = DataSet('e:bbh:x:cot', 1, 'bbh:x', 'cot', PROMPTER, 'x.json')
QUESTIONS = [
  Question(
    task='bbh:x', split='test', id=str(i), text=text, answers=('Yes', 'it is é')
  )
  for i, text in enumerate(['Is it?', 'Is it so? ' * 20])
]

OF_CHOICES = dataclasses.replace(DATA_SET, ranked=True)
RANKED = [
  dataclasses.replace(
    question, options=options, credits=credits, answers=options[:1]
  )
  for question, options, credits in zip(
    QUESTIONS,
    [('red', 'a longer text'), ('no', 'yes', 'maybe')],
    [(1.0, 0.0), (0.0, 0.5, 0.5)],
    strict=True,
  )
]


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


def results(
  vocabulary: Vocabulary,
  inputs: int = 2048,
  data_set: DataSet = DATA_SET,
  **changes: Any,
) -> tuple[list[dict[str, Any]], list[Reject], Counts]:
  config = {
    'lengths': {'inputs': inputs, 'targets': 64, 'inputs_eos': 1},
    'samples': 1,
    'mode_token': '',
    **changes,
  }
  counts = Counts()
  made: list[dict[str, Any]] = []
  rejects: list[Reject] = []
  questions = RANKED if data_set.ranked else QUESTIONS
  for result in Encoder(vocabulary, config).results(
    data_set, questions, counts
  ):
    if isinstance(result, Batch):
      assert not result.is_validation.any()
      assert set(result.data_set.tolist()) == {1}
      made += map(records.decode_example, result.records)
    else:
      rejects += result
  return made, rejects, counts


def text(record: dict[str, Any], name: str) -> str:
  (value,) = record[name]
  return value.decode()


def test_a_record_has_all_that_scoring_needs(vocabulary):
  (first, _), rejects, _ = results(vocabulary)
  assert not rejects
  prompt = f'Say it.\n\n{EXEMPLARS[0]}\n\n{EXEMPLARS[1]}\n\nIs it?'
  assert text(first, 'inputs_pretokenized') == prompt
  assert first['inputs'].tolist() == [*vocabulary.encode(prompt)]
  assert first['targets'].tolist() == [*vocabulary.encode('Yes')]
  assert text(first, 'targets_pretokenized') == 'Yes'
  assert json.loads(text(first, 'answers')) == ['Yes', 'it is é']
  assert text(first, 'id') == 'test-0'
  assert (text(first, 'task'), text(first, 'variant')) == ('bbh:x', 'cot')
  assert (first['sample'].tolist(), first['exemplars'].tolist()) == ([0], [2])


def test_samples_of_a_prompt_differ_in_their_number_alone(vocabulary):
  made, _, counts = results(vocabulary, samples=3)
  assert [r['sample'][0] for r in made] == [0, 1, 2] * 2
  assert [text(r, 'id') for r in made] == ['test-0'] * 3 + ['test-1'] * 3
  assert len({r['inputs'].tobytes() for r in made[:3]}) == 1
  assert counts['e:bbh:x:cot/prompts'] == 2
  assert counts['e:bbh:x:cot/data/test/all/examples'] == 6


def test_a_mode_token_is_encoded_by_itself(vocabulary):
  plain, _, _ = results(vocabulary)
  made, _, _ = results(vocabulary, mode_token='[NLG]')
  mode = [*vocabulary.encode('[NLG]')]
  for before, after in zip(plain, made, strict=True):
    assert after['inputs'].tolist() == mode + before['inputs'].tolist()


def lengths(vocabulary: Vocabulary) -> Iterator[int]:
  """Tokens of the first prompt with 0, 1 and 2 exemplars, EOS included."""
  for count in range(3):
    shown = ''.join(f'{exemplar}\n\n' for exemplar in EXEMPLARS[:count])
    yield len(vocabulary.encode(f'Say it.\n\n{shown}Is it?')) + 1


@pytest.mark.parametrize('mode_token', ['', '[S2S]'])
def test_exemplars_are_dropped_from_the_end_until_a_prompt_fits(
  vocabulary, mode_token
):
  more = len(vocabulary.encode(mode_token))
  for shown, length in enumerate(lengths(vocabulary)):
    made, rejects, counts = results(
      vocabulary, length + more, mode_token=mode_token
    )
    assert made[0]['exemplars'].tolist() == [shown]
    assert len(made[0]['inputs']) == length + more - 1
    # The long question fits with none.
    (reject,) = rejects
    assert (reject.place, reject.reason) == (1, 'inputs_too_long')
    assert counts['e:bbh:x:cot/exemplars/dropped'] == 2 - shown
    assert counts['e:bbh:x:cot/rejected/inputs_too_long'] == 1
    assert counts['e:bbh:x:cot/questions'] == 2


def test_an_answer_that_is_too_long_is_rejected(vocabulary):
  tight = {'lengths': {'inputs': 2048, 'targets': 1, 'inputs_eos': 0}}
  made, rejects, counts = results(vocabulary, **tight)
  assert not made
  assert [reject.reason for reject in rejects] == ['targets_too_long'] * 2
  assert counts['e:bbh:x:cot/prompts'] == 0


def test_each_choice_to_rank_is_a_record(vocabulary):
  made, _, counts = results(
    vocabulary, data_set=OF_CHOICES, ranked=True, samples=3
  )
  assert [[r[k][0] for k in ('question', 'choice')] for r in made] == [
    [0, 0], [0, 1], [1, 0], [1, 1], [1, 2],
  ]  # fmt: skip
  choices = [choice for question in RANKED for choice in question.options]
  assert [text(r, 'targets_pretokenized') for r in made] == choices
  for record, choice in zip(made, choices, strict=True):
    assert record['targets'].tolist() == [*vocabulary.encode(choice)]
    assert record['tokens'].tolist() == [len(vocabulary.encode(choice))]
    assert record['characters'].tolist() == [len(choice)]
    assert record['sample'].tolist() == [0]
  assert [float(text(r, 'credit')) for r in made] == [1, 0, 0, 0.5, 0.5]
  assert [text(r, 'id') for r in made] == ['test-0'] * 2 + ['test-1'] * 3
  assert counts['e:bbh:x:cot/prompts'] == 2
  assert counts['e:bbh:x:cot/choices'] == 5
  assert counts['e:bbh:x:cot/data/test/all/examples'] == 5


def test_a_question_with_one_choice_too_long_is_rejected(vocabulary):
  most = len(vocabulary.encode('maybe')) + 1
  tight = {'lengths': {'inputs': 2048, 'targets': most, 'inputs_eos': 0}}
  made, (reject,), counts = results(
    vocabulary, data_set=OF_CHOICES, ranked=True, **tight
  )
  assert [text(r, 'id') for r in made] == ['test-1'] * 3
  assert (reject.place, reject.reason) == (0, 'targets_too_long')
  assert counts['e:bbh:x:cot/choices'] == 3


def test_other_records_of_such_a_run_have_empty_ranks(vocabulary):
  plain, _, _ = results(vocabulary, samples=2)
  made, _, _ = results(vocabulary, samples=2, ranked=True)
  for before, after in zip(plain, made, strict=True):
    assert after.keys() - before.keys() == {
      'question', 'choice', 'tokens', 'characters', 'credit',
    }  # fmt: skip
    assert after['credit'] == [b'']
