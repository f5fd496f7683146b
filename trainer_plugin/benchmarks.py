"""Evaluates checkpoints on the suites, and tells it in the paper's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import json
import sys

import tensorflow as tf

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report import average, predictions
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.trainer_plugin.stage import CONFIGS


@dataclasses.dataclass(frozen=True, slots=True)
class Benchmarks:
  """How checkpoints are evaluated.

  Attributes:
    manifest: path of what `pipelines.evaluation` made.
    model: path of the model's gin file.
    model_dir: the folder of all stages.
    bindings: maps gin's names to values as gin writes them.
    of_hosts: options that start JAX on several hosts; () on one.
  """

  manifest: str
  model: str
  model_dir: str
  bindings: Mapping[str, str]
  of_hosts: tuple[str, ...] = ()

  def folder(self, name: str) -> str:
    """Returns where the answers of a checkpoint go, by the name it has here."""
    return f'{self.model_dir}/benchmarks/{name}'

  def command(self, name: str, checkpoint: str) -> list[str]:
    """Returns T5X's command line."""
    bindings = {
      'MANIFEST': json.dumps(self.manifest),
      'CHECKPOINT_PATH': json.dumps(checkpoint),
      'EVAL_OUTPUT_DIR': json.dumps(self.folder(name)),
      **self.bindings,
    }
    return [
      sys.executable,
      '-m',
      *(['ul2_flan.trainer_plugin'] if self.of_hosts else []),
      't5x.eval',
      *self.of_hosts,
      f'--gin_file={self.model}',
      f'--gin_file={CONFIGS}/runs/eval.gin',
      *(f'--gin.{key}={value}' for key, value in bindings.items()),
    ]

  def is_done(self, name: str, checkpoint: str) -> bool:
    """Whether T5X has evaluated a checkpoint to the end."""
    marks = tf.io.gfile.glob(f'{self.folder(name)}/eval.*.ckpt')
    return any(checkpoint in _lines(mark) for mark in marks)

  def told(self, names: list[str]) -> Iterator[str]:
    """Yields the table of the paper, with a row for each checkpoint.

    Raises:
      UserError: T5X has left no answers of a checkpoint.
    """
    header = ('', 'normalised', *(' '.join(part) for part in average.PARTS))
    rows: list[tuple[str, Sequence[float | None]]] = [
      *((name, self._scores(name)) for name in names),
      *((r.model, [r.normalised, *r.parts]) for r in average.published()),
    ]
    cells = [
      (name, *('-' if value is None else f'{value:.1f}' for value in values))
      for name, values in rows
    ]
    yield from table([header, *cells], right=range(1, len(header)))
    yield ''
    yield 'Each task, intervals, and what is missing from a mean:'
    for name in names:
      yield f'  ul2-flan scores {self.folder(name)}/inference_eval'

  def _scores(self, name: str) -> list[float | None]:
    """Returns the normalised average, if there is one, and its six parts."""
    folder = f'{self.folder(name)}/inference_eval'
    paths = [
      path
      for path in sorted(tf.io.gfile.glob(f'{folder}/*.jsonl'))
      if not path.endswith('-metrics.jsonl')
    ]
    if not paths:
      raise UserError(f'{folder} has no answers, though T5X has ended well')
    parts = average.by_part(score_suites(predictions.read(paths).predictions))
    means = (parts[p].mean if p in parts else None for p in average.PARTS)
    return [average.normalised_average(parts), *means]


def _lines(path: str) -> list[str]:
  with tf.io.gfile.GFile(path) as f:
    return [str(line) for line in f.read().splitlines()]
