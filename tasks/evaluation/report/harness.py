"""What lm-evaluation-harness's rules would say of the same answers.

Its numbers are the ones that most people compare with, and its rules are not
those of the papers: its pattern drops the last character of an answer without a
full stop, for one. Patterns are those of EleutherAI/lm-evaluation-harness at
4e7e0d4: few-shot BBH, MMLU in Flan's form (generative, strict), and
`mgsm_native_cot` (strict).
"""

from collections.abc import Callable, Iterable, Mapping
import dataclasses
import re
from statistics import fmean
import string

from ul2_flan.tasks.evaluation.report.judging import judge
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.suites import load

_INVALID = '[invalid]'
_NUMBER = r'(\-?[0-9\.\,]+)'
_MGSM = {
  'bn': f'The answer is {_NUMBER}',
  'de': f'Die Antwort lautet {_NUMBER}',
  'en': f'The answer is {_NUMBER}',
  'es': f'La respuesta es {_NUMBER}',
  'fr': f'La réponse est {_NUMBER}',
  'ja': f'答えは{_NUMBER}です。',
  'ru': f'Ответ — {_NUMBER}',
  'sw': f'Jibu ni {_NUMBER}',
  'te': f'సమాధానం {_NUMBER}',
  'th': f'คำตอบคือ {_NUMBER}',
  'zh': f'答案是 {_NUMBER}。',
}


@dataclasses.dataclass(frozen=True, slots=True)
class Differs:
  """An answer that one rule takes for right and the other for wrong."""

  task: str
  id: str
  target: str
  said: str
  ours: bool


@dataclasses.dataclass(frozen=True, slots=True)
class HarnessScore:
  """A suite's scores by the harness's rule, in percent.

  Attributes:
    tasks: the accuracy of each task.
    mean: over the tasks of the suite's mean.
    pooled: over answers, as the harness's groups print it.
    differs: the answers that it judges otherwise than the papers' rule does.
  """

  tasks: Mapping[str, float]
  mean: float
  pooled: float
  differs: tuple[Differs, ...]

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    return dataclasses.asdict(self)


def score_as_harness(
  predictions: Iterable[Prediction],
) -> dict[tuple[str, str], HarnessScore]:
  """Scores the first sample of each prompt, by suite and variant.

  A suite that the harness scores by another rule altogether is left out.
  """
  judged: dict[tuple[str, str], list[tuple[Prediction, bool]]] = {}
  for one in predictions:
    key = one.task.suite, one.variant
    if one.task.category and key in _RULES:
      right = _RULES[key](one.targets[0], one.samples[0], one.task.language)
      judged.setdefault(key, []).append((one, right))
  return {key: _score(pairs) for key, pairs in judged.items()}


def _score(judged: list[tuple[Prediction, bool]]) -> HarnessScore:
  by_task: dict[str, list[bool]] = {}
  differs = []
  for one, right in judged:
    by_task.setdefault(one.task.name, []).append(right)
    how = load(one.task.suite).variant(one.variant)
    said = one.samples[0]
    ours = judge(how, one.targets, [said], one.task.language).right
    if ours != right:
      differs.append(Differs(one.task.name, one.id, one.targets[0], said, ours))
  tasks = {name: 100 * fmean(rights) for name, rights in by_task.items()}
  return HarnessScore(
    tasks,
    fmean(tasks.values()),
    100 * fmean(right for _, right in judged),
    tuple(differs),
  )


def _first(pattern: str, text: str) -> str:
  match = re.search(pattern, text)
  return match[1].strip() if match else _INVALID


def _bare(text: str) -> str:
  """Drops case and ASCII punctuation, so that '1.5' is '15'."""
  return ''.join(c for c in text.lower() if c not in string.punctuation)


def _bbh_cot(target: str, said: str, language: str) -> bool:
  return _first(r'(?<=the answer is )(.*)(?=.)', said) == target


def _exact(target: str, said: str, language: str) -> bool:
  return said == target


def _mmlu_cot(target: str, said: str, language: str) -> bool:
  answer = _first(r'(?<=answer is )(.*)(?=.)', said)
  return _bare(answer) == _bare(target)


def _mmlu(target: str, said: str, language: str) -> bool:
  return said == (target if target.startswith('(') else f'({target})')


def _mgsm(target: str, said: str, language: str) -> bool:
  return _bare(_first(_MGSM[language], said)) == _bare(target)


_RULES: Mapping[tuple[str, str], Callable[[str, str, str], bool]] = {
  ('bbh', 'cot'): _bbh_cot,
  ('bbh', 'direct'): _exact,
  ('mgsm', 'cot'): _mgsm,
  ('mmlu', 'cot'): _mmlu_cot,
  ('mmlu', 'direct'): _mmlu,
}
