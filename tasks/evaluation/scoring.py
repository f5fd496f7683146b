"""Makes the functions that seqio's tasks take for evaluation."""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import functools
from typing import Any

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.evaluation import scores
from ul2_flan.tasks.evaluation.answers import after_reasoning, label_of
from ul2_flan.tasks.evaluation.scores import Scores

Metric = Callable[[Sequence[str], Sequence[str]], Scores]

# The kinds of `tasks/catalog/metrics.toml`. A task without labels has no second
# label and no matrix of labels: there 'f1' and 'matthews' count right answers.
KINDS: Mapping[str, Metric] = {
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

# By kind, where a task has labels: on indices of labels.
_LABELLED: Mapping[str, Callable[[list[int], list[int]], Scores]] = {
  'accuracy': scores.label_accuracy,
  'correlation': scores.label_correlation,
  'f1': scores.label_f1,
  'matthews': scores.label_matthews,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Scoring:
  """The two functions that seqio's `Task` takes for evaluation.

  Attributes:
    postprocess_fn: from a target or a prediction, and `example` by keyword, to
      the text that is scored; None to score them as they are.
    metric_fn: from targets and predictions to scores from 0 to 100; those of
      correlations are from -100.
  """

  postprocess_fn: Callable[..., str] | None
  metric_fn: Metric


def scoring(
  evaluation: str, decode: Callable[[Sequence[int]], str] | None = None
) -> Scoring:
  """Makes the functions for what `evaluation_of` returns.

  This costs nothing: t5 is imported when a score is computed.

  >>> scoring('accuracy:no|yes').postprocess_fn('Yes!')
  'yes'

  Args:
    evaluation: a kind of `KINDS`, and after a colon labels.
    decode: from the ids of an example's inputs to text; with labels it is
      needed where examples do not hold `inputs_pretokenized`.

  Raises:
    UserError: there is no such kind, or it takes no labels.
  """
  kind, _, names = evaluation.partition(':')
  if kind not in KINDS:
    raise unknown('kind of evaluation', kind, KINDS)
  if not names:
    reasoning = kind == 'reasoning'
    return Scoring(_postprocess_reasoning if reasoning else None, KINDS[kind])
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
  """Returns the label that a text means; the text itself if it means none."""
  label = label_of(text, labels)
  if label or not example:
    return label or text
  question = ''
  if 'inputs_pretokenized' in example:
    given = example['inputs_pretokenized']
    question = given.decode() if isinstance(given, bytes) else str(given)
  elif decode:
    question = decode([int(i) for i in example['inputs']])
  # The answer may be a mark, which stands for another label in each example.
  return label_of(text, labels, question) or text


def _indices(
  targets: Sequence[str], predictions: Sequence[str], labels: Sequence[str]
) -> tuple[list[int], list[int]]:
  """Returns indices of labels: those of targets, and those of predictions.

  A prediction of no label is -1. A target of no label is left out, and so is
  its
  prediction: an inverted template has asked for something else.
  """
  index = {label: i for i, label in enumerate(labels)}
  pairs = [
    (index[t], index.get(p, -1))
    for t, p in zip(targets, predictions, strict=True)
    if t in index
  ]
  return [t for t, _ in pairs], [p for _, p in pairs]
