"""Measures checkpoints, and keeps what they gave each question in small files.

A file is of one arm and one seed: compressed JSON lines, one a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import gzip
import json
from pathlib import Path
from typing import Any

from reproduce import items, score, train
from reproduce.arms import Arm, Settings, arms

# Decimals of log-likelihoods: a hundredth of a nat decides no mean.
_DECIMALS = 2


def run(
  settings: Settings, output: Path, results: Path, held_out: frozenset[str]
) -> None:
  """Measures what has not been measured.

  Args:
    settings: how much.
    output: of data and models.
    results: the folder of the files to keep.
    held_out: names of NIv2's tasks that models are tested with.
  """
  results.mkdir(parents=True, exist_ok=True)
  questions: dict[str, list[items.Question]] = {}
  scorers: dict[tuple[str, bool], score.Scorer] = {}
  for arm, seed, share, path in wanted(settings, results):
    if path.exists():
      continue
    data = output / arm.model
    if arm.model not in questions:
      questions[arm.model] = [*items.read(data, settings, held_out)]
    kind = arm.model, arm.bidirectional
    if kind not in scorers:
      scorers[kind] = score.Scorer.of(arm, data / 'flan')
    checkpoint = train.checkpoint(arm, seed, settings, output, share)
    print(f'measuring {checkpoint}', flush=True)
    _keep(scorers[kind].scored(checkpoint, questions[arm.model]), path)


def wanted(
  settings: Settings, results: Path
) -> Iterator[tuple[Arm, int, float, Path]]:
  """Yields arms with a seed, a share of their steps, and the file to keep."""
  for arm in arms().values():
    for seed in settings.seeds[: arm.seeds or None]:
      for share in (0.5, 1.0):
        suffix = '' if share == 1 else '_half'
        yield arm, seed, share, results / f'{arm.name}{suffix}.{seed}.jsonl.gz'


def _keep(scored: Iterable[score.Scored], path: Path) -> None:
  partly = path.with_suffix('.partly')
  # Without a time, so that the same answers are the same bytes.
  with partly.open('wb') as raw, gzip.GzipFile('', 'wb', 9, raw, 0) as f:
    for one in scored:
      f.write(f'{json.dumps(_line(one), separators=(",", ":"))}\n'.encode())
  partly.rename(path)


def _line(one: score.Scored) -> dict[str, Any]:
  question = one.question
  line: dict[str, Any] = {
    'task': question.task,
    'id': question.id,
    'scores': [round(value, _DECIMALS) for value in one.scores],
    'tokens': one.tokens,
  }
  if question.credits:
    line |= {'credits': question.credits, 'characters': question.characters}
  return line
