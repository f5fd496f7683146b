"""Measures checkpoints, and keeps what they gave each question in small files.

A file `questions.<model>` has what all arms of a model were asked, one question
a line; a file of an arm and a seed has its log-likelihoods in the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent import futures
import gzip
import json
import multiprocessing
import os
from pathlib import Path
import sys
from typing import Any
from unittest import mock

from reproduce.arms import Arm, Settings
from reproduce.measuring import items, score
from reproduce.training import schedule, train

# Decimals of log-likelihoods: a hundredth of a nat decides no mean.
_DECIMALS = 2


def run(
  settings: Settings, output: Path, results: Path, held_out: frozenset[str]
) -> None:
  """Measures what is trained and has not been measured.

  Each kind of model has a process of its own, since data sets of an
  encoder-decoder have the names of a decoder's. On a CPU all run at once.

  Args:
    settings: how much.
    output: of data and models.
    results: the folder of the files to keep.
    held_out: names of NIv2's tasks that models are tested with.

  Raises:
    SystemExit: other questions have been kept.
  """
  results.mkdir(parents=True, exist_ok=True)
  kinds: dict[tuple[str, bool], list[tuple[Arm, int]]] = {}
  for arm, seed in train.in_order(settings):
    if not _path(arm, seed, results).exists():
      kind = arm.model, arm.bidirectional
      kinds.setdefault(kind, []).append((arm, seed))
  if not kinds:
    return
  on_cpu = schedule.backend() == 'cpu'
  variables = train.MEMORY | schedule.ONE_CORE if on_cpu else {}
  spawn = multiprocessing.get_context('spawn')

  def measured(pairs: list[tuple[Arm, int]]) -> None:
    with futures.ProcessPoolExecutor(1, mp_context=spawn) as process:
      task = (_measure, pairs, settings, output, results, held_out)
      process.submit(*task).result()

  with (
    mock.patch.dict(os.environ, variables | os.environ),
    futures.ThreadPoolExecutor(len(kinds) if on_cpu else 1) as threads,
  ):
    list(threads.map(measured, kinds.values()))


def _measure(
  pairs: Sequence[tuple[Arm, int]],
  settings: Settings,
  output: Path,
  results: Path,
  held_out: frozenset[str],
) -> None:
  """Measures arms of one kind of model."""
  arm, _ = pairs[0]
  data = output / arm.model
  questions = [*items.read(data, settings, held_out)]
  scorer = score.Scorer.of(arm, data / 'flan')
  for arm, seed in pairs:
    asked = questions
    if arm.mode:
      asked = [*items.with_mode(questions, arm.mode, data / 'flan')]
    checkpoint = train.checkpoint(arm, seed, settings, output)
    print(f'measuring {checkpoint}', flush=True)
    scored = scorer.scored(checkpoint, asked)
    _same(map(_question, scored), results / f'questions.{arm.model}.jsonl.gz')
    _keep((_rounded(one) for one in scored), _path(arm, seed, results))


def _path(arm: Arm, seed: int, results: Path) -> Path:
  return results / f'{arm.name}.{seed}.jsonl.gz'


def _same(lines: Iterable[Any], path: Path) -> None:
  """Keeps questions, or finds those that are kept.

  Raises:
    SystemExit: others are kept.
  """
  # Two kinds of a model may keep them at once.
  new = path.with_suffix(f'.{os.getpid()}')
  _keep(lines, new)
  if path.exists() and path.read_bytes() != new.read_bytes():
    new.unlink()
    sys.exit(
      f'error: {path} has other questions than are asked now: the data or the '
      f'settings have changed. Give another --output, or remove {path.parent}'
    )
  new.rename(path)


def _keep(lines: Iterable[Any], path: Path) -> None:
  partly = path.with_name(f'{path.name}.partly')
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
