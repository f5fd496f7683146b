"""Measures checkpoints, and keeps what they gave each question in small files.

A file `questions.<model>` has what all arms of a model were asked, one question
a line; a file of an arm and a seed has its log-likelihoods in the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable
import gzip
import json
from pathlib import Path
import sys
from typing import Any

from reproduce.arms import Settings
from reproduce.measuring import items, score
from reproduce.training import train

# Decimals of log-likelihoods: a hundredth of a nat decides no mean.
_DECIMALS = 2


def run(
  settings: Settings, output: Path, results: Path, held_out: frozenset[str]
) -> None:
  """Measures what is trained and has not been measured.

  Args:
    settings: how much.
    output: of data and models.
    results: the folder of the files to keep.
    held_out: names of NIv2's tasks that models are tested with.
  """
  results.mkdir(parents=True, exist_ok=True)
  questions: dict[str, list[items.Question]] = {}
  scorers: dict[tuple[str, bool], score.Scorer] = {}
  for arm, seed in train.in_order(settings):
    path = results / f'{arm.name}.{seed}.jsonl.gz'
    if path.exists():
      continue
    data = output / arm.model
    if arm.model not in questions:
      questions[arm.model] = [*items.read(data, settings, held_out)]
    asked = questions[arm.model]
    if arm.mode:
      asked = [*items.with_mode(asked, arm.mode, data / 'flan')]
    kind = arm.model, arm.bidirectional
    if kind not in scorers:
      scorers[kind] = score.Scorer.of(arm, data / 'flan')
    checkpoint = train.checkpoint(arm, seed, settings, output)
    print(f'measuring {checkpoint}', flush=True)
    scored = scorers[kind].scored(checkpoint, asked)
    _same(map(_question, scored), results / f'questions.{arm.model}.jsonl.gz')
    _keep((_rounded(one) for one in scored), path)


def _same(lines: Iterable[Any], path: Path) -> None:
  """Keeps questions, or finds those that are kept.

  Raises:
    SystemExit: others are kept.
  """
  new = path.with_suffix('.new')
  _keep(lines, new)
  if path.exists() and path.read_bytes() != new.read_bytes():
    new.unlink()
    sys.exit(
      f'error: {path} has other questions than are asked now: the data or the '
      f'settings have changed. Give another --output, or remove {path.parent}'
    )
  new.rename(path)


def _keep(lines: Iterable[Any], path: Path) -> None:
  partly = path.with_suffix('.partly')
  # Without a time, so that the same answers are the same bytes.
  with partly.open('wb') as raw, gzip.GzipFile('', 'wb', 9, raw, 0) as f:
    for line in lines:
      f.write(f'{json.dumps(line, separators=(",", ":"))}\n'.encode())
  partly.rename(path)


def _rounded(one: score.Scored) -> list[float]:
  return [round(value, _DECIMALS) for value in one.scores]


def _question(one: score.Scored) -> dict[str, Any]:
  question = one.question
  line: dict[str, Any] = {
    'task': question.task,
    'id': question.id,
    'tokens': one.tokens,
  }
  if question.credits:
    line['credits'] = question.credits
  return line
