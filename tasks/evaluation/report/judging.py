"""Judges what a model said to one prompt."""

from collections.abc import Sequence
import dataclasses

from ul2_flan.tasks.evaluation.extraction import EXTRACTORS
from ul2_flan.tasks.evaluation.extraction.extracted import How
from ul2_flan.tasks.evaluation.rules import RULES
from ul2_flan.tasks.evaluation.rules.votes import majority
from ul2_flan.tasks.evaluation.suites import Variant


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
  """What became of the samples of a prompt.

  Attributes:
    right: whether the answer of most samples is right.
    answer: that answer, as it was compared; '' if there is none.
    f1: its best overlap with a reference, from 0 to 1; None where the rule has
      none.
    hows: for each sample, how its answer was found.
    votes: for each sample, what it votes for; '' if it has no answer.
    rights: for each sample, whether it is right.
    share: of the samples that vote for the answer, from 0 to 1.
  """

  right: bool
  answer: str
  f1: float | None
  hows: tuple[How, ...]
  votes: tuple[str, ...]
  rights: tuple[bool, ...]
  share: float


def judge(
  variant: Variant,
  targets: Sequence[str],
  samples: Sequence[str],
  language: str = 'en',
  likelihoods: Sequence[float] = (),
) -> Judged:
  """Judges the samples of one prompt, one or more.

  Args:
    variant: how answers are found and compared.
    targets: the references.
    samples: what the model said; of answers that tie, the likelier wins, and of
      those the first.
    language: ISO 639 code.
    likelihoods: the logarithm of each sample's, if known.
  """
  extract, rule = EXTRACTORS[variant.extractor], RULES[variant.rule]
  found = [
    extract(until_next_question(text, variant.stops), language)
    for text in samples
  ]
  answers = [
    rule.answer_form(one.answer, language)
    if variant.fallback or one.how != 'fallback'
    else ''
    for one in found
  ]
  references = {rule.form(target, language) for target in targets} - {''}
  votes = tuple([rule.vote(answer) for answer in answers])
  winner = majority(votes, likelihoods)
  answer = answers[votes.index(winner)] if winner else ''
  f1 = None
  if rule.f1:
    f1 = max((rule.f1(ref, answer) for ref in references), default=0.0)
  return Judged(
    answer in references,
    answer,
    f1,
    tuple([one.how for one in found]),
    votes,
    tuple([answer in references for answer in answers]),
    votes.count(winner) / len(votes) if winner else 0.0,
  )


def until_next_question(text: str, stops: Sequence[str]) -> str:
  r"""Cuts what a model says before it asks itself the next question.

  >>> until_next_question(' (A)\n\nQ: And then?', ['\n\nQ:'])
  ' (A)'
  """
  ends = [at for stop in stops if (at := text.find(stop)) >= 0]
  return text[: min(ends, default=len(text))]
