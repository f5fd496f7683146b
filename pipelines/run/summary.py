"""The summary of a run whose data sets are all made from all its sources."""

from collections.abc import Mapping

from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.run.tables import size, table
from ul2_flan.tasks.manifest import Split


class WholeSummary:
  """Tells of each split of each data set; see `contract.Summary`."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    self._plan = plan
    self._output = output
    self._counts = Counts()
    features = plan.manifest['features']
    self._tokens = [f for f in ('inputs', 'targets') if f in features]
    self._lines: list[list[object]] = []

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Adds data sets and counts."""
    self._counts.merge(counts)
    for name, splits in made.items():
      for split, info in splits.items():
        self._lines.append(
          [name, split, len(info.shards), info.examples]
          + [info.stats.get(f'{f}_tokens', 0) for f in self._tokens]
          + [size(sum(s.bytes for s in info.shards))]
        )

  def text(self, left_out: Mapping[str, str]) -> str:
    """Writes the summary."""
    del left_out  # such a run leaves nothing out
    header = ['data set', 'split', 'shards', 'examples']
    tokens = [f'{f} tokens' for f in self._tokens]
    parts = [table([*header, *tokens, 'bytes'], self._lines), *self._more()]
    return '\n\n'.join(filter(None, parts))

  def _more(self) -> list[str]:
    """Returns paragraphs that follow the table of data sets."""
    return []
