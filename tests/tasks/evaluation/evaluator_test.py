"""seqio's own Evaluator, on data sets of each kind that a manifest lists."""

import functools
from pathlib import Path

import numpy as np
import pytest
import seqio
from support import manifests

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.evaluation import KINDS
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.register import register
from ul2_flan.tasks.vocabulary import Vocabulary

SENTENCES = [
  ('What did the old man say?', 'The old man said that it was a good day.'),
  ('Who is there?', 'There is nobody in the house at this hour.'),
  ('What is a name?', 'A name is a reference to a value of any type.'),
]
YES_NO = [
  ('Is it? (A) no (B) yes Was it? (A) yes (B) no', '(A)'),
  ('Is it? Options: - yes - no', 'no'),
  ('Is it? (A) no (B) yes', '(B) yes'),
  ('Was it? 1. no 2. yes', '1'),
]
INVERTED = ('Write a question.', 'Is it true that all of them are there?')
SCORES = [('How much?', '1'), ('How much?', '3'), ('How much?', '5')]
REASONING = [
  ('How many?', 'There are two of each. The answer is 4.'),
  ('How many more?', 'One is left. Answer: 1'),
]
EXAMPLES = {
  'accuracy': [*YES_NO, *SENTENCES],
  'accuracy:no|yes': [*YES_NO, INVERTED],
  'bleu': SENTENCES,
  'correlation': SCORES,
  'correlation:0|1|2|3|4|5': [*SCORES, INVERTED],
  'f1:no|yes': [*YES_NO, INVERTED],
  'f1': YES_NO,
  'matthews:no|yes': [*YES_NO, INVERTED],
  'matthews': YES_NO,
  'reasoning': REASONING,
  'rewriting': SENTENCES,
  'rouge': SENTENCES,
  'rouge_l': SENTENCES,
  'rouge_l_unicode': SENTENCES,
  'squad': SENTENCES,
}
NAMES = {kind: f'evaluated:{i}' for i, kind in enumerate(EXAMPLES)}
SCORES_OF = {
  'bleu': {'bleu'},
  'correlation': {'pearson_corrcoef', 'spearman_corrcoef'},
  'f1:no|yes': {'accuracy', 'f1'},
  'matthews:no|yes': {'accuracy', 'matthews_corrcoef'},
  'rewriting': {'exact_match', 'bleu'},
  'rouge': {'rouge1', 'rouge2', 'rougeLsum'},
  'rouge_l': {'rougeL', 'exact_match'},
  'squad': {'em', 'f1'},
}

# t5, clu and their dependencies warn when they are imported or called.
pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


@pytest.fixture(scope='module')
def registered(tmp_path_factory, vocabulary, vocabulary_path) -> Path:
  output = tmp_path_factory.mktemp('evaluated')
  data_sets = {}
  for kind, examples in EXAMPLES.items():
    columns = {
      side: Ragged.of([np.array(vocabulary.encode(e[i])) for e in examples])
      for i, side in enumerate(('inputs', 'targets'))
    }
    path = manifest_lib.shard_path(NAMES[kind], 'validation', 0, 1)
    (output / path).parent.mkdir(parents=True)
    data = records.frame_records(records.encode_examples(columns))
    (output / path).write_bytes(data)
    shard = manifest_lib.Shard(path, len(examples), len(data), '')
    split = manifest_lib.Split((shard,), {'examples': len(examples)})
    data_sets[NAMES[kind]] = {'validation': split}
  manifest = manifest_lib.Manifest(
    name='evaluated',
    features={
      'inputs': manifest_lib.Feature('int32', 128, add_eos=True),
      'targets': manifest_lib.Feature('int32', 128, add_eos=True),
    },
    vocabulary={
      'path': vocabulary_path,
      'sha256': vocabulary.sha256,
      'extra_ids': 100,
    },
    decoder_only=False,
    data_sets=data_sets,
    mixtures={'evaluated': dict.fromkeys(data_sets, 1.0)},
    run={'evaluation': {NAMES[kind]: kind for kind in EXAMPLES}},
  )
  (output / 'manifest.json').write_bytes(manifests.to_json(manifest))
  # Nothing to train on: the mixture is for evaluation.
  assert register(str(output)) == ['evaluated', *data_sets]
  (first, *_) = seqio.MixtureRegistry.get('evaluated').tasks
  assert list(first.splits) == ['validation']
  return output


@functools.cache
def evaluator_of(kind: str) -> seqio.Evaluator:
  return seqio.Evaluator(
    NAMES[kind],
    feature_converter=seqio.EncDecFeatureConverter(pack=False),
    eval_split='validation',
  )


def evaluate(kind: str, vocabulary: Vocabulary, answers: list[str]) -> dict:
  def predict(dataset):
    ids = [[*vocabulary.encode(answer), 1] for answer in answers]
    longest = max(map(len, ids))
    return [
      (i, np.array(row + [0] * (longest - len(row))))
      for i, row in enumerate(ids)
    ]

  metrics, _ = evaluator_of(kind).evaluate(
    compute_metrics=True, step=0, predict_fn=predict
  )
  return metrics.result()[NAMES[kind]]


def test_each_kind_is_here():
  assert {kind.partition(':')[0] for kind in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize('kind', EXAMPLES)
def test_right_answers_score_100_and_wrong_ones_0(registered, vocabulary, kind):
  right = [target for _, target in EXAMPLES[kind]]
  scores = evaluate(kind, vocabulary, right)
  assert scores == pytest.approx(dict.fromkeys(scores, 100))
  assert set(scores) == SCORES_OF.get(kind, set(scores))
  wrong = ['zzz'] * len(right)
  assert set(evaluate(kind, vocabulary, wrong).values()) <= {0, -100}


@pytest.mark.parametrize('kind', ['accuracy:no|yes', 'f1:no|yes'])
def test_an_answer_counts_in_another_form(registered, vocabulary, kind):
  # The second is wrong: no; the last is not counted.
  answers = [' yes.', '- yes', 'B)', '(1) no', 'something']
  scores = evaluate(kind, vocabulary, answers)
  assert scores['accuracy'] == 75
  if kind.startswith('f1'):
    assert scores['f1'] == pytest.approx(80)


def test_only_the_answer_after_the_reasoning_counts(registered, vocabulary):
  answers = ['I have no idea. So I would answer: 4', 'The answer is 2.']
  assert evaluate('reasoning', vocabulary, answers) == {'accuracy': 50}
