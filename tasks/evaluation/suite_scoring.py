"""The functions with which seqio scores the suites; t5 is not needed.

A record of a suite has, beside its token ids, the fields `id`, `answers` (all
references, a JSON list in one string) and, if a prompt was sampled, `sample`.
One for rank classification has `question`, `choice`, `credit` or `is_correct`,
and the lengths of the choice, `tokens` and `characters`.
"""

from collections.abc import Mapping, Sequence
import json
from typing import Any, NamedTuple

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.task_score import score_task
from ul2_flan.tasks.evaluation.rules.rank import Choice, rank_scores

# What a task's score says; see `TaskScore.facts`. A task has an F1 if its rule
# has one.
_SCORES = ('accuracy', 'normalised', 'unparsed', 'fallback', 'f1')

# How seqio calls a postprocessor for what a model said.
Said = str | Sequence[str]


class Reference(NamedTuple):
  """What the score of a prediction needs of its example."""

  id: str
  sample: int
  answers: tuple[str, ...]


def postprocess(
  text: Said,
  example: Mapping[str, Any] | None = None,
  is_target: bool = False,
  **_: Any,
) -> Reference | list[str]:
  """Makes a reference of a target, and the samples of a prediction.

  Args:
    text: the target; or what the model said, several times if it was sampled.
    example: the record.
    is_target: whether it is the target.
  """
  if not is_target:
    return [text] if isinstance(text, str) else [*text]
  fields = example or {}
  answers = [_text(text)]
  if 'answers' in fields:
    answers = json.loads(_text(fields['answers']))
  return Reference(
    _text(fields.get('id', '')), int(fields.get('sample', 0)), tuple(answers)
  )


def metric_of(name: str) -> Any:
  """Returns the metric of a task in a variant.

  >>> metric = metric_of('bbh:snarks:direct')
  >>> metric([Reference('', 0, ('(A)',))], ['(A)'])['accuracy']
  100.0

  Args:
    name: `<suite>:<task>:<variant>`.

  Raises:
    UserError: there is no such suite, task or variant.
  """
  parts = name.split(':')
  if len(parts) != 3:
    raise UserError(
      f"'{name}' is no task of a suite: give <suite>:<task>:<variant>, such as "
      'bbh:snarks:cot'
    )
  suite = suites.load(parts[0])
  task, variant = suite.task(parts[1]), parts[2]
  how = suite.variant(variant)

  # seqio looks at the names of a metric's arguments.
  def metric(
    targets: Sequence[Reference], predictions: Sequence[Said]
  ) -> dict[str, float]:
    """Scores prompts; records that are samples of one prompt vote."""
    made = [
      Prediction(
        task=task,
        variant=variant,
        id=id,
        targets=records[0][0].answers,
        samples=tuple(text for _, texts in records for text in texts),
      )
      for id, records in _by_prompt(targets, predictions).items()
    ]
    facts = score_task(how, made).facts()
    return {key: facts[key] for key in _SCORES if key in facts}  # type: ignore[misc]

  return metric


def _by_prompt(
  targets: Sequence[Reference], predictions: Sequence[Said]
) -> dict[str, list[tuple[Reference, Sequence[str]]]]:
  """Groups records by their prompt, in the order of their samples."""
  found: dict[str, list[tuple[Reference, Sequence[str]]]] = {}
  for i, (target, said) in enumerate(zip(targets, predictions, strict=True)):
    # T5X sorts decodes by increasing likelihood, and the first wins a tie.
    texts = [said] if isinstance(said, str) else [*said][::-1]
    found.setdefault(target.id or f'#{i}', []).append((target, texts))
  for records in found.values():
    records.sort(key=lambda record: record[0].sample)
  return found


def postprocess_choice(
  text: Any, example: Mapping[str, Any], is_target: bool = True, **_: Any
) -> Choice:
  """Makes a choice of a record; seqio postprocesses no scores."""
  credit = example.get('credit', example.get('is_correct'))
  if credit is None:
    raise UserError(
      'a record for rank classification has no "credit" and no "is_correct"; '
      f'its fields: {", ".join(example)}'
    )
  return Choice(
    int(example['question']),
    int(example['choice']),
    # As text, since a record has no fractions.
    float(_text(credit)),
    int(example.get('tokens', 1)),
    int(example.get('characters', 1)),
  )


def rank_metric(
  targets: Sequence[Choice], scores: Sequence[float]
) -> dict[str, float]:
  """Scores choices; seqio knows by the name `scores` what to give it."""
  return rank_scores(targets, scores)


def _text(value: Any) -> str:
  return value.decode() if isinstance(value, bytes) else str(value)
