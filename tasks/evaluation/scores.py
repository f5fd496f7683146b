"""Scores predictions with `t5.evaluation.metrics`.

All scores are from 0 to 100, but for correlations, which may be negative.

An example holds one of several right answers, the one that was drawn for it. So
exact match and F1 are lower here than in papers, which take the best of all
answers.
"""

from collections.abc import Callable, Sequence
import functools
import string
from typing import Any
import unicodedata
import warnings

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.answers import normalise, same_answer

Scores = dict[str, float]


@functools.cache
def _t5() -> Any:
  """Imports `t5.evaluation.metrics`, which takes seconds."""
  try:
    import gin

    # t5 adds functions to gin's registry as it is imported. By now T5X has read
    # its gin files and locked that.
    with gin.unlock_config():
      from t5.evaluation import metrics
  except ImportError as e:
    raise UserError(
      f'scores need t5, which cannot be imported: {e}. It is in '
      'requirements.lock; elsewhere: pip install --no-deps t5, and pip install '
      'editdistance rouge-score sacrebleu scikit-learn'
    ) from e
  return metrics


def accuracy(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'accuracy': predictions that give the right answer (`same_answer`)."""
  pairs = zip(targets, predictions, strict=True)
  right = [int(same_answer(t, p)) for t, p in pairs]
  scores: Scores = _t5().accuracy([1] * len(right), right)
  return scores


def squad(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'em' and 'f1', as SQuAD's own script computes them."""
  scores: Scores = _t5().squad([[t] for t in targets], predictions)
  return scores


def rouge(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'rouge1', 'rouge2' and 'rougeLsum'; it sees only letters a to z."""
  return _rouge(targets, predictions)


def rouge_l(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'rougeL' and 'exact_match' of English, as in arXiv 2204.07705."""
  scores = _rouge(
    targets, predictions, score_keys=('rougeL',), use_stemmer=True
  )
  return scores | _exact_match(targets, predictions, _without_punctuation)


def rouge_l_unicode(
  targets: Sequence[str], predictions: Sequence[str]
) -> Scores:
  """The scores of `rouge_l`, for any script.

  For other languages than English the paper compares GPT-2's tokens. Here they
  are words, or single characters where a script has no spaces between words.
  """
  scores = _rouge(
    targets, predictions, score_keys=('rougeL',), tokenizer=_UnicodeWords()
  )
  return scores | _exact_match(targets, predictions, _without_punctuation)


def bleu(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'bleu' of the corpus."""
  scores: Scores = _t5().bleu(list(targets), list(predictions))
  return scores


def rewriting(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """'exact_match' but for white space, and 'bleu', for edited texts."""
  scores = _exact_match(targets, predictions, lambda t: ' '.join(t.split()))
  return scores | bleu(targets, predictions)


def correlation(targets: Sequence[str], predictions: Sequence[str]) -> Scores:
  """Correlations of numbers; a text that is no number counts as -1."""
  return label_correlation(
    [_number(t) for t in targets], [_number(p) for p in predictions]
  )


def _number(text: str) -> float:
  try:
    return float(normalise(text))
  except ValueError:
    return -1.0


def label_correlation(
  targets: Sequence[float], predictions: Sequence[float]
) -> Scores:
  """'pearson_corrcoef' and 'spearman_corrcoef'."""
  if len(set(targets)) < 2 or len(set(predictions)) < 2:
    # Not defined. A constant prediction explains nothing: 0.
    return {'pearson_corrcoef': 0.0, 'spearman_corrcoef': 0.0}
  t5 = _t5()
  pearson: Scores = t5.pearson_corrcoef(targets, predictions)
  return pearson | t5.spearman_corrcoef(targets, predictions)


def label_accuracy(targets: list[int], predictions: list[int]) -> Scores:
  """'accuracy' of indices of labels; no score if there are none."""
  if not targets:
    return {}
  scores: Scores = _t5().accuracy(targets, predictions)
  return scores


def label_f1(targets: list[int], predictions: list[int]) -> Scores:
  """'accuracy', and 'f1' of label 1; a prediction of no label is wrong."""
  scores = label_accuracy(targets, predictions)
  with warnings.catch_warnings():
    # sklearn warns if neither targets nor predictions have label 1: F1 is 0.
    warnings.simplefilter('ignore')
    f1 = _t5().f1_score_with_invalid(targets, predictions) if targets else {}
  return scores | f1


def label_matthews(targets: list[int], predictions: list[int]) -> Scores:
  """'accuracy' and 'matthews_corrcoef' of two labels, 0 and 1."""
  scores = label_accuracy(targets, predictions)
  if not targets:
    return scores
  # A prediction of no label (-1) counts as the wrong one of the two.
  pairs = zip(targets, predictions, strict=True)
  valid = [1 - t if p < 0 else p for t, p in pairs]
  matthews = _t5().sklearn_metrics_wrapper(
    'matthews_corrcoef', metric_post_process_fn=lambda x: 100 * x
  )
  return scores | matthews(targets, valid)


def _rouge(
  targets: Sequence[str], predictions: Sequence[str], **options: Any
) -> Scores:
  """Calls t5's ROUGE so that it gives the same in every call.

  It bootstraps its means with NumPy's global generator, which is seeded for the
  call and then restored.
  """
  state = np.random.get_state()
  np.random.seed(0)
  try:
    scores: Scores = _t5().rouge(targets, predictions, **options)
  finally:
    np.random.set_state(state)
  return scores


def _exact_match(
  targets: Sequence[str], predictions: Sequence[str], form: Callable[[str], str]
) -> Scores:
  scores = _t5().sequence_accuracy(
    [form(t) for t in targets], [form(p) for p in predictions]
  )
  return {'exact_match': float(scores['sequence_accuracy'])}


def _without_punctuation(text: str) -> str:
  bare = ''.join(c for c in text.lower() if c not in string.punctuation)
  return ' '.join(bare.split())


class _UnicodeWords:
  """A tokeniser for rouge_score that knows all scripts."""

  def tokenize(self, text: str) -> list[str]:
    """Returns words of letters, marks and numbers, in lower case."""
    parts = []
    for c in text.lower():
      # Scripts without spaces between words: Thai and Lao; Burmese; Khmer;
      # Chinese, Japanese, Korean.
      single = (
        'ก' <= c <= '\u0eff'
        or '\u1000' <= c <= '\u109f'
        or '\u1780' <= c <= '\u17ff'
        or c >= '\u2e80'
      )
      letter = unicodedata.category(c)[0] in 'LMN'
      parts.append(f' {c} ' if letter and single else c if letter else ' ')
    return ''.join(parts).split()
