"""A part is a task: all its variants, of its own files."""

import pytest

from ul2_flan.pipelines.evaluation.find_suites import read_material, task_of
from ul2_flan.pipelines.evaluation.worker import EvaluationWorker, prompter_of
from ul2_flan.pipelines.run import Batch, Counts, Progress
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError


def prompts(plan, task: str) -> dict[int, list[str]]:
  """The prompts of a task, by the number of the data set."""
  made: dict[int, list[str]] = {}
  (part,) = plan.parts(task)
  *results, last = EvaluationWorker(plan).results(part, Counts())
  assert last == Progress(part.size)
  for result in results:
    if isinstance(result, Batch):
      for record, number in zip(
        result.records, result.data_set.tolist(), strict=True
      ):
        (text,) = records.decode_example(record)['inputs_pretokenized']
        made.setdefault(number, []).append(text.decode())
  return made


def test_a_task_is_asked_in_all_its_variants(plan):
  made = prompts(plan(), 'bbh:navigate')
  assert [*made] == [0, 1]
  assert made[0][0].endswith('Q: Go?\nOptions:\n- Yes\n- No\nA:')
  assert made[1][1].endswith("Q: Back?\nA: Let's think step by step.")


def test_a_template_is_for_the_suite_that_has_it(plan):
  made = plan(template='hendrycks')
  direct = prompts(made, 'mmlu:anatomy')[0]
  assert direct[0].endswith('D. h\nAnswer:')
  assert prompts(made, 'bbh:navigate') == prompts(plan(), 'bbh:navigate')


def test_files_that_lack_exemplars_are_an_error(plan):
  made = plan()
  (part,) = made.parts('bbh:navigate')
  questions = [p for p in part.pieces if p.kind == 'questions']
  material = read_material(task_of('bbh:navigate'), questions)
  with pytest.raises(UserError, match='bbh:navigate has no prompt'):
    prompter_of(material, 'cot', 'flan')


def test_options_may_stand_in_another_order(plan):
  before = prompts(plan(), 'mmlu:anatomy')[0]
  after = [
    prompts(plan(option_order=order), 'mmlu:anatomy')[0] for order in (1, 2, 3)
  ]
  assert any(made != before for made in after)
  # Exemplars stay, and so does what is asked.
  for made in after:
    for one, other in zip(before, made, strict=True):
      assert sorted(one.split()) == sorted(other.split())
      assert one.partition('Who?')[0] == other.partition('Who?')[0]
  assert prompts(plan(option_order=1), 'mgsm:de') == prompts(plan(), 'mgsm:de')
