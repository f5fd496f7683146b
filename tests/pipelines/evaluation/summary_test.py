"""The summary tells what was asked, by suite and variant."""

from ul2_flan.pipelines.evaluation.summary import EvaluationSummary
from ul2_flan.pipelines.run import Counts
from ul2_flan.tasks.manifest import Shard, Split


def test_tasks_of_a_suite_add_up(plan, tmp_path):
  summary = EvaluationSummary(plan(), str(tmp_path))
  for task in ('fi', 'en'):
    name = f'eval:tydiqa:{task}:direct'
    stats = {'examples': 3, 'inputs_tokens': 50}
    split = Split((Shard('a', 3, 100, ''),), stats)
    counts = Counts()
    counts.add(f'{name}/questions', 4)
    counts.add(f'{name}/prompts', 3)
    counts.add(f'{name}/rejected/inputs_too_long', 1)
    counts.add(f'{name}/exemplars/dropped', 2)
    summary.add({name: {'test': split}}, counts)
  made, became, ceilings = summary.text({}).split('\n\n')
  assert made.splitlines()[1].split() == [
    'tydiqa', 'direct', '2', '6', '100', '4', '200', 'B'
  ]  # fmt: skip
  assert 'questions rejected: too long            2' in became
  assert 'exemplars dropped, to make prompts fit  4' in became
  assert ceilings.endswith('than: bbh:navigate 50.0')
