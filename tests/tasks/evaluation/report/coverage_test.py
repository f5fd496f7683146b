"""What a run has asked, beside what was answered."""

from pathlib import Path
from typing import Any

import pytest
from support import manifests
from support.evaluation.predictions import predictions

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.coverage import read_prompts, unanswered


def write(output: Path, run: dict[str, Any], examples: dict[str, int]) -> str:
  made = manifest_lib.Manifest(
    name='eval',
    features={},
    vocabulary={},
    decoder_only=False,
    data_sets={
      name: {'test': manifest_lib.Split((), {'examples': n})}
      for name, n in examples.items()
    },
    mixtures={},
    run=run,
  )
  (output / 'manifest.json').write_bytes(manifests.to_json(made))
  return str(output)


KINDS = {
  'eval:bbh:snarks:cot': 'suite:bbh:snarks:cot',
  'eval:mgsm:sw:cot': 'suite:mgsm:sw:cot',
  'flan:rte': 'accuracy',
}


@pytest.mark.parametrize('samples', [1, 4])
def test_prompts_are_counted_once(tmp_path, samples):
  run = {'evaluation': KINDS, 'config': {'samples': samples}}
  output = write(tmp_path, run, dict.fromkeys(KINDS, 8))
  assert read_prompts(output) == {
    ('bbh:snarks', 'cot'): 8 // samples, ('mgsm:sw', 'cot'): 8 // samples,
  }  # fmt: skip


def test_of_choices_that_are_ranked_the_questions_are_counted(tmp_path):
  kinds = {'eval:bbes:snarks:direct': 'rank:bbes:snarks:direct'}
  asked = {'bbes:snarks': {'split': 'test', 'questions': 3}}
  run = {'evaluation': kinds, 'config': {'samples': 1, 'tasks': asked}}
  output = write(tmp_path, run, dict.fromkeys(kinds, 7))
  assert read_prompts(output) == {('bbes:snarks', 'direct'): 3}


def test_a_line_for_each_task_with_other_answers_than_prompts():
  parts = [('mgsm', 'cot')]
  answered = list(predictions(2, 2, parts))
  prompts = {(one.task.name, 'cot'): 2 for one in answered}
  assert [*unanswered(prompts, answered)] == []
  prompts['mgsm:sw', 'cot'] = 3
  prompts['bbh:snarks', 'cot'] = 1_000
  assert [*unanswered(prompts, answered)] == [
    'bbh:snarks cot: 0 of 1,000 prompts were answered',
    'mgsm:sw cot: 2 of 3 prompts were answered',
  ]


@pytest.mark.parametrize(
  ('run', 'message'),
  [({}, 'no task of an evaluation suite'), (None, 'cannot read the manifest')],
)
def test_a_run_that_asked_nothing(tmp_path, run, message):
  output = str(tmp_path) if run is None else write(tmp_path, run, {})
  with pytest.raises(UserError, match=message):
    read_prompts(output)
