"""What seqio's tasks take for evaluation, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import functools
from types import MappingProxyType
from typing import Any

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.evaluation import scores
from ul2_flan.tasks.evaluation.answers import after_reasoning, label_of
from ul2_flan.tasks.evaluation.scores import Scores

Metric = Callable[[Sequence[str], Sequence[str]], Scores]

KINDS: Mapping[str, Metric] = MappingProxyType(
  {
    'accuracy': scores.accuracy,
    'bleu': scores.bleu,
    'correlation': scores.correlation,
    'f1': scores.accuracy,
    'matthews': scores.accuracy,
    'reasoning': scores.accuracy,
    'rewriting': scores.rewriting,
    'rouge': scores.rouge,
    'rouge_l': scores.rouge_l,
    'rouge_l_unicode': scores.rouge_l_unicode,
    'squad': scores.squad,
  }
)

_LABELLED: Mapping[str, Callable[[list[int], list[int]], Scores]] = (
  MappingProxyType(
    {
      'accuracy': scores.label_accuracy,
      'correlation': scores.label_correlation,
      'f1': scores.label_f1,
      'matthews': scores.label_matthews,
    }
  )
)


@dataclasses.dataclass(frozen=True, slots=True)
class Scoring:
  """What seqio's `Task` takes for evaluation.

  Attributes:
    postprocess_fn: from text, and `example` by keyword, to text.
    metric_fn: from targets and predictions to scores from 0 to 100, or from
      -100 where they are correlations.
  """

  postprocess_fn: Callable[..., str] | None
  metric_fn: Metric


def scoring(
  evaluation: str, decode: Callable[[Sequence[int]], str] | None = None
) -> Scoring:
  """The functions for what `evaluation_of` says.

  Costs nothing: t5 is imported when a score is computed.

  Args:
    decode: from the ids of an example's inputs to text; needed with labels
      where examples do not hold `inputs_pretokenized`.
  """
  kind, _, names = evaluation.partition(':')
  if kind not in KINDS:
    raise unknown('kind of evaluation', kind, KINDS)
  postprocess: Callable[..., str] | None = None
  if kind == 'reasoning':
    postprocess = _postprocess_reasoning
  if not names:
    return Scoring(postprocess, KINDS[kind])
  if kind not in _LABELLED:
    raise unknown('kind of evaluation with labels', kind, _LABELLED)
  labels = tuple(names.split('|'))
  metric = _LABELLED[kind]

  def labelled(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
    return metric(*_indices(targets, predictions, labels))

  return Scoring(
    functools.partial(_postprocess_label, labels=labels, decode=decode),
    labelled,
  )


def _postprocess_reasoning(text: str, **_: Any) -> str:
  return after_reasoning(text)


def _postprocess_label(
  text: str,
  example: Mapping[str, Any] | None = None,
  *,
  labels: Sequence[str],
  decode: Callable[[Sequence[int]], str] | None,
  **_: Any,
) -> str:
  """The label that a text means; the text itself if none."""
  label = label_of(text, labels)
  if label or not example:
    return label or text
  question = ''
  if 'inputs_pretokenized' in example:
    given = example['inputs_pretokenized']
    question = given.decode() if isinstance(given, bytes) else str(given)
  elif decode:
    question = decode([int(i) for i in example['inputs']])
  # What the answer's mark stands for differs from example to example.
  return label_of(text, labels, question) or text


def _indices(
  targets: Sequence[str], predictions: Sequence[str], labels: Sequence[str]
) -> tuple[list[int], list[int]]:
  """Indices of labels; -1 for a prediction that is none.

  A target that is no label is left out: an inverted wording has asked for
  something else.
  """
  index = {label: i for i, label in enumerate(labels)}
  pairs = [
    (index[t], index.get(p, -1))
    for t, p in zip(targets, predictions, strict=True)
    if t in index
  ]
  return [t for t, _ in pairs], [p for _, p in pairs]
