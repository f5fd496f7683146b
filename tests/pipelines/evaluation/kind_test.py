"""A run over all four suites, from its command to seqio's Evaluator."""

import json
from pathlib import Path

import numpy as np
import pytest
import seqio
from support.evaluation import suite_files

from ul2_flan.mixtures import stock
from ul2_flan.pipelines import evaluation, verify
from ul2_flan.pipelines.evaluation.kind import KIND
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.register import register


@pytest.fixture(scope='module')
def output(suites_folder: Path, vocabulary_path: str, tmp_path_factory) -> str:
  output = str(tmp_path_factory.mktemp('eval') / 'out')
  flags = [
    f'--source={suite}={suites_folder / suite}' for suite in suite_files.SUITES
  ]
  flags += ['--vocabulary', vocabulary_path, '--output', output]
  flags += ['--samples=2', '--local_workers=1', '--name=four']
  assert (
    evaluation.main([*flags, '--targets_length=64', '--allow_unwritable']) == 0
  )
  return output


def test_it_is_found_by_its_name():
  assert kind_of('evaluation') is KIND


def test_the_help_names_every_flag_and_suite():
  told = command.make_parser(KIND).format_help()
  assert all(f'--{flag.name}' in told for g in KIND.flags for flag in g.flags)
  assert all(f'  {suite}: ' in told for suite in suites.names())


def test_it_makes_one_split_which_is_whole(output: str):
  manifest = manifest_of(output)
  assert {split for s in manifest.data_sets.values() for split in s} == {'test'}
  examples = {
    name: splits['test'].examples for name, splits in manifest.data_sets.items()
  }
  assert examples['four:bbh:navigate:cot'] == 4
  assert examples['four:mmlu:anatomy:direct'] == 4
  assert manifest.mixtures['four'].keys() == examples.keys()
  assert verify.main([output]) == 0


def test_nothing_is_trained_on_it(output: str):
  with pytest.raises(UserError, match="run 'four' is for evaluation"):
    stock.Stock.of([manifest_of(output)])


@pytest.mark.filterwarnings('ignore')  # seqio's dependencies warn
def test_seqio_scores_votes_of_samples(output: str):
  assert register(output)[0] == 'four'
  evaluator = seqio.Evaluator(
    'four:bbh',
    feature_converter=seqio.EncDecFeatureConverter(pack=False),
    eval_split='test',
    sequence_length={'inputs': 2048, 'targets': 64},
  )
  vocabulary = evaluator.eval_tasks[0].output_features['targets'].vocabulary
  texts = ['no idea', 'so the answer is No', 'the answer is No.', 'so?']

  def predict(dataset):
    ids = [[*vocabulary.encode(text), 1] for text in texts]
    longest = max(map(len, ids))
    return [
      (i, np.array(row + [0] * (longest - len(row))))
      for i, row in enumerate(ids)
    ]

  found, _ = evaluator.evaluate(
    compute_metrics=True, step=0, predict_fn=predict
  )
  cot = found.result()['four:bbh:navigate:cot']
  # The right answers are 'Yes' and 'No'; a sample of each question has none.
  assert cot['accuracy'] == 50
  assert cot['unparsed'] == 50


@pytest.mark.filterwarnings('ignore')  # seqio's dependencies warn
def test_seqio_scores_ranks(
  shared_data: Path, vocabulary_path: str, tmp_path: Path
):
  """A model that likes short choices scores as much as in `score`."""
  output = str(tmp_path / 'out')
  evaluation.run(
    evaluation.Config(
      sources={'bbes': [f'{shared_data}/eval/bigbench']},
      vocabulary=vocabulary_path,
      allow_unwritable=True,
      exemplars=0,
      name='emergent',
      tasks=['bbes:crass_ai', 'bbes:english_proverbs'],
    ),
    output=output,
  )
  assert register(output)[0] == 'emergent'
  evaluator = seqio.Evaluator(
    'emergent',
    feature_converter=seqio.EncDecFeatureConverter(pack=False),
    eval_split='test',
    sequence_length={'inputs': 2048, 'targets': 1024},
  )
  lines: list[dict[str, object]] = []

  def score(dataset):
    return [
      (i, -float((example['decoder_target_tokens'] > 0).sum()))
      for i, example in dataset.as_numpy_iterator()
    ]

  found, _ = evaluator.evaluate(compute_metrics=True, step=0, score_fn=score)
  for task, data in evaluator.cached_task_datasets.items():
    for example in data.as_numpy_iterator():
      fields = {
        name: example[name].decode() for name in ('task', 'variant', 'id')
      }
      fields['credit'] = float(example['credit'])
      for name in ('choice', 'tokens', 'characters'):
        fields[name] = int(example[name])
      # With EOS, as T5X scores it.
      lines.append({**fields, 'score': -1.0 - fields['tokens']})
    assert task in found.result()
  file = tmp_path / 'lines.jsonl'
  file.write_text('\n'.join(map(json.dumps, lines)))
  (scored,) = score_suites(predictions.read([str(file)]).predictions)
  assert len(scored.tasks) == len(found.result()) == 2
  for name, result in found.result().items():
    task = scored.tasks[name.removeprefix('emergent:').removesuffix(':direct')]
    assert result['accuracy'] == pytest.approx(task.accuracy)
    for key, value in task.ranks.items():
      assert result[key] == pytest.approx(value)
