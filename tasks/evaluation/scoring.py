"""Makes the functions that seqio's tasks take for evaluation."""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import functools
from typing import Any

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.evaluation import scores, suite_scoring
from ul2_flan.tasks.evaluation.answers import (
  after_reasoning,
  label_of,
  normalise,
)
from ul2_flan.tasks.evaluation.rules.votes import majority
from ul2_flan.tasks.evaluation.scores import Scores

Metric = Callable[..., Scores]

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
      what is scored; None to score texts as they are. Where answers can be the
      same, a prediction may be a list of samples, which vote.
    metric_fn: from targets and predictions to scores from 0 to 100; those of
      correlations are from -100.
  """

  postprocess_fn: Callable[..., Any] | None
  metric_fn: Metric


def scoring(
  evaluation: str, decode: Callable[[Sequence[int]], str] | None = None
) -> Scoring:
  """Makes the functions for what `evaluation_of` returns.

  This costs nothing: t5 is imported when a score is computed.

  >>> scoring('accuracy:no|yes').postprocess_fn('Yes!')
  'yes'

  Args:
    evaluation: a kind of `KINDS`, and after a colon labels; or 'suite', and
      after a colon `<suite>:<task>:<variant>`; or 'rank', with the same or
      without, for records that are each a choice of a question.
    decode: from the ids of an example's inputs to text; with labels it is
      needed where examples do not hold `inputs_pretokenized`.

  Raises:
    UserError: there is no such kind, or it takes no labels.
  """
  kind, _, names = evaluation.partition(':')
  if kind == 'suite':
    return Scoring(suite_scoring.postprocess, suite_scoring.metric_of(names))
  if kind == 'rank':
    return Scoring(suite_scoring.postprocess_choice, suite_scoring.rank_metric)
  if kind not in KINDS:
    raise unknown('kind of evaluation', kind, [*KINDS, 'suite', 'rank'])
  if not names:
    form = _FORMS.get(kind)
    return Scoring(form and functools.partial(_voted, form), KINDS[kind])
  if kind not in _LABELLED:
    raise unknown('kind of evaluation with labels', kind, _LABELLED)
  labels = tuple(names.split('|'))
  metric = _LABELLED[kind]

  def labelled(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
    return metric(*_indices(targets, predictions, labels))

  form = functools.partial(_postprocess_label, labels=labels, decode=decode)
  return Scoring(functools.partial(_voted, form), labelled)


def _voted(
  form: Callable[..., str], text: str | Sequence[str], **options: Any
) -> str:
  """Returns the form of a text; of samples, the one that most have.

  Samples of an empty form do not vote. T5X sorts samples by increasing
  likelihood, so a tie goes to the last.
  """
  if isinstance(text, str):
    return form(text, **options)
  forms = [form(sample, **options) for sample in reversed(text)]
  winner = majority([normalise(one) for one in forms])
  return next((one for one in forms if normalise(one) == winner), '')


def _as_it_is(text: str, **_: Any) -> str:
  return text


def _after_reasoning(text: str, **_: Any) -> str:
  return after_reasoning(text)


# Of kinds whose answers can be the same, and so vote.
_FORMS: Mapping[str, Callable[..., str]] = {
  'accuracy': _as_it_is,
  'f1': _as_it_is,
  'matthews': _as_it_is,
  'reasoning': _after_reasoning,
  'squad': _as_it_is,
}


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
