"""Reads predictions, and puts the samples of each prompt together.

A plain line is `{"task", "target" or "targets", "prediction"}`, where the
prediction is a string, or a list of samples for the same prompt. It may have
"suite", "variant", "id" and "sample" too: lines with the same id and different
samples are samples of one prompt. Files of seqio's JSON logger and `t5x.infer`
have the fields of the example in "input" or "inputs"; there the file's name may
say which task they are of: `<name>:<suite>:<task>:<variant>`. Of answers that
tie, that with the greater summed "log_likelihood" wins, if all samples have
one; else that with the lowest number, and in a list the last, since T5X sorts
its decodes by increasing likelihood.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
import dataclasses
import itertools
from typing import NamedTuple

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.free_form import Answer
from ul2_flan.tasks.evaluation.report.lines import Line, files, read_lines
from ul2_flan.tasks.evaluation.report.ranking import Scored
from ul2_flan.tasks.evaluation.rules.rank import RankBy
from ul2_flan.tasks.evaluation.suites import SuiteTask


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
  """What a model said to one prompt.

  Attributes:
    task: of a suite.
    variant: 'direct' or 'cot'.
    id: of the prompt, unique among those of its task and variant.
    targets: the references.
    samples: what the model said, once or more. Of samples that tie, the
      likelier wins, and of those the first.
    likelihoods: the logarithm of each sample's; empty if one is not known.
    cut: how many samples were stopped because they were too long.
    choices: those that the model has ranked, instead of samples.
    rank_by: how choices of different lengths are compared.
  """

  task: SuiteTask
  variant: str
  id: str
  targets: tuple[str, ...]
  samples: tuple[str, ...]
  likelihoods: tuple[float, ...] = ()
  cut: int = 0
  choices: tuple[Scored, ...] = ()
  rank_by: RankBy = 'sum'


class Read(NamedTuple):
  """What files hold: predictions on suites, and answers to free prompts."""

  predictions: list[Prediction]
  answers: list[Answer]


def read(
  paths: Iterable[str],
  suite: str = '',
  variant: str = '',
  rank_by: RankBy = 'sum',
) -> Read:
  """Reads files of predictions.

  Args:
    paths: of files, compressed by gzip or not, local or of a bucket; or local
      folders, whose `*.jsonl*` are read.
    suite: of lines that do not name one.
    variant: likewise.
    rank_by: what ranked choices are ranked by.

  Raises:
    UserError: there is no such file, or a line cannot be read, or lines of the
      same id contradict each other.
  """
  found: dict[tuple[str, str, str], list[Line]] = {}
  answers: list[Answer] = []
  counts: Counter[tuple[str, str]] = Counter()
  for file in itertools.chain.from_iterable(map(files, paths)):
    for line in read_lines(file, suite, variant):
      if isinstance(line, Answer):
        answers.append(line)
        continue
      task = line.task.name, line.variant
      # A line without an id is a prompt of its own. Its number pairs it with
      # the same prompt in another model's file.
      id = line.id or f'#{counts[task]}'
      counts[task] += 1
      found.setdefault((*task, id), []).append(line)
  return Read(
    [_joined(id, lines, rank_by) for (*_, id), lines in found.items()], answers
  )


def _joined(id: str, lines: Sequence[Line], rank_by: RankBy) -> Prediction:
  """Makes one prediction of the lines of a prompt."""
  if lines[0].task.ranked:
    return _ranked(id, lines, rank_by)
  lines = sorted(lines, key=lambda line: line.sample)
  for line, after in itertools.pairwise(lines):
    problem = ''
    if line.sample == after.sample:
      problem = f'as sample {after.sample} too'
    elif line.targets != after.targets:
      problem = 'with other references'
    if problem:
      raise UserError(
        f'{after.where}: {after.task.name} has the id {id} in {line.where} '
        f'already, {problem}. Samples of a prompt have its id, its references, '
        'and a number "sample" of their own'
      )
  texts = tuple(text for line in lines for text in line.texts)
  likelihoods = tuple(one for line in lines for one in line.likelihoods)
  return Prediction(
    task=lines[0].task,
    variant=lines[0].variant,
    id=id,
    targets=lines[0].targets,
    samples=texts,
    likelihoods=likelihoods if len(likelihoods) == len(texts) else (),
    cut=sum(len(line.texts) for line in lines if line.is_cut),
  )


def _ranked(id: str, lines: Sequence[Line], rank_by: RankBy) -> Prediction:
  """Makes one prediction of the choices of a question."""
  choices: dict[int, Scored] = {}
  for line in lines:
    for choice, score in line.choices:
      if choice.choice in choices:
        raise UserError(
          f'{line.where}: {line.task.name} has choice {choice.choice} of the '
          f'question {id} twice. Each has a "choice" and an "id" of its own'
        )
      choices[choice.choice] = choice, score
  return Prediction(
    task=lines[0].task,
    variant=lines[0].variant,
    id=id,
    targets=(),
    samples=(),
    choices=tuple(choices[i] for i in sorted(choices)),
    rank_by=rank_by,
  )
