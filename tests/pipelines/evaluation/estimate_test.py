"""Prompts are known, and tokens and bytes estimated from some of them."""

import pytest

from ul2_flan.pipelines.evaluation.estimate import estimate
from ul2_flan.pipelines.evaluation.worker import EvaluationWorker
from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.pipelines.run.counts import example_tokens


@pytest.mark.parametrize('ranked', [False, True])
@pytest.mark.parametrize('samples', [1, 3])
def test_small_suites_are_known_exactly(
  plan, samples, ranked, big_bench_folder
):
  of_choices = {
    'sources': {'bbes': [str(big_bench_folder)]},
    'split': 'test',
    'exemplars': 0,
  }
  made = plan(samples=samples, **(of_choices if ranked else {}))
  worker, counts, written, prompts = EvaluationWorker(made), Counts(), 0, 0
  for name in made.groups:
    for result in worker.results(made.parts(name)[0], counts):
      if isinstance(result, Batch):
        written += sum(map(len, result.records))
        prompts += len(result.records)
  found = estimate(made)
  assert found['prompts'] == prompts
  assert found['tokens'] == pytest.approx(example_tokens(counts), rel=0.01)
  assert found['bytes'] == pytest.approx(written, rel=0.01)
