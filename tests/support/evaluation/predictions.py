"""Predictions on the evaluation suites, right and wrong ones."""

from collections.abc import Iterable, Iterator, Sequence
import json
from pathlib import Path

from ul2_flan.tasks.evaluation.report.average import PARTS
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.suites import load

# By suite: an answer that its rule reads in every language.
ANSWERS = {'mmlu': '(A)', 'bbh': '(A)', 'tydiqa': 'cat', 'mgsm': '3'}


def predictions(
  right: int, questions: int, parts: Iterable[tuple[str, str]] = PARTS
) -> Iterator[Prediction]:
  """So many right answers to the first questions of each task."""
  for suite, variant in parts:
    answer = ANSWERS[suite]
    said = f'So the answer is {answer}' if variant == 'cot' else answer
    for task in load(suite).tasks.values():
      for i in range(questions):
        yield Prediction(
          task=task,
          variant=variant,
          id=f'test-{i}',
          targets=(answer,),
          samples=(said if i < right else 'no',),
        )


def of_rows(
  suite: str, key: str, rows: Iterable[Sequence[str]]
) -> list[Prediction]:
  """Each row is a reference, and then samples."""
  return [
    Prediction(
      task=load(suite).task(key),
      variant='',
      id=str(i),
      targets=(target,),
      samples=tuple(samples),
    )
    for i, (target, *samples) in enumerate(rows)
  ]


def write(path: Path, made: Iterable[Prediction]) -> str:
  """Writes predictions as lines; returns the file's path."""
  lines = (
    json.dumps(
      {
        'task': one.task.name,
        'variant': one.variant,
        'id': one.id,
        'targets': one.targets,
        'prediction': one.samples,
      }
    )
    for one in made
  )
  path.write_text('\n'.join(lines))
  return str(path)
