"""The summary of an evaluation run, for people: by suite and variant."""

from collections.abc import Mapping

from ul2_flan.pipelines.evaluation import outline
from ul2_flan.pipelines.run import Counts, Plan, quarantine
from ul2_flan.pipelines.run.counts import under
from ul2_flan.pipelines.run.tables import size, table
from ul2_flan.tasks.manifest import Split

# Counts of data sets, by their names in `accounts`, and how people read them.
_WORDS = {
  'questions': 'questions, once for each variant',
  'rejected/inputs_too_long': 'questions rejected: too long',
  'rejected/targets_too_long': 'questions rejected: answer too long',
  'dropped/no_label': 'rows dropped: without a label',
  'prompts': 'prompts',
  'choices': 'choices, which a model ranks',
  'exemplars/shown': 'exemplars shown',
  'exemplars/dropped': 'exemplars dropped, to make prompts fit',
  'prompts_cut': 'prompts with exemplars dropped',
  'unknown/inputs': 'unknown tokens of prompts',
  'unknown/targets': 'unknown tokens of answers',
}


class EvaluationSummary:
  """Tells what a run made; see `contract.Summary`."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    self._plan = plan
    self._output = output
    # Tasks, examples, tokens of prompts, exemplars dropped, and bytes, by suite
    # and variant.
    self._made: dict[tuple[str, str], list[int]] = {}
    self._sums: dict[str, int] = {}

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Adds a task: its data sets, and their counts."""
    run = self._plan.config['name']
    for name, splits in made.items():
      suite, _, variant = name.removeprefix(f'{run}:').split(':')
      total = self._made.setdefault((suite, variant), [0] * 5)
      for info in splits.values():
        more = (
          *(1, info.examples, info.stats.get('inputs_tokens', 0)),
          counts[f'{name}/exemplars/dropped'],
          sum(shard.bytes for shard in info.shards),
        )
        for i, n in enumerate(more):
          total[i] += n
    for numbers in counts.sums.values():
      for name, n in numbers.items():
        self._sums[name] = self._sums.get(name, 0) + n

  def text(self, left_out: Mapping[str, str]) -> str:
    """Writes the summary when all tasks are added."""
    del left_out  # such a run leaves nothing out
    rows = [
      [*key, *numbers[:4], size(numbers[4])]
      for key, numbers in sorted(self._made.items())
    ]
    header = ['suite', 'variant', 'tasks', 'examples', 'inputs tokens']
    others = {
      f'rejected/{reason}': f'rows rejected, which are no questions: {reason}'
      for reason in under(self._sums, 'rejected/')
      if f'rejected/{reason}' not in _WORDS
    }
    counted = [
      [words, self._sums[name]]
      for name, words in (_WORDS | others).items()
      if name in self._sums
    ]
    ceilings = self._plan.manifest['run']['ceilings']
    parts = [
      table([*header, 'exemplars dropped', 'bytes'], rows),
      table(['what became of the questions', ''], counted),
      *outline.ceilings_told(ceilings),
      quarantine.where(self._output),
    ]
    return '\n\n'.join(filter(None, parts))
