"""From rows of a suite's files to questions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ul2_flan.tasks.catalog.schema import Source
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading.benchmarks import asked_of
from ul2_flan.tasks.evaluation.reading.question import NoQuestion, Question
from ul2_flan.tasks.evaluation.suites import Suite
from ul2_flan.tasks.rendering.instances.reject import RejectError, require

_LETTERS = 'ABCDEFGHIJ'

# TyDi QA's ids begin with the language's name.
_LANGUAGES = {
  'arabic': 'ar', 'bengali': 'bn', 'english': 'en', 'finnish': 'fi',
  'indonesian': 'id', 'korean': 'ko', 'russian': 'ru', 'swahili': 'sw',
  'telugu': 'te',
}  # fmt: skip


def questions_of(
  suite: Suite,
  rows: Iterable[Mapping[str, Any]],
  split: str,
  key: str = '',
  where: str = '',
  start: int = 0,
  source: Source | None = None,
) -> Iterator[Question | NoQuestion]:
  """Makes questions of the rows of one file, and tells which rows are none.

  Args:
    suite: the suite.
    rows: with the columns that the authors' files have, or those on Hugging
      Face's hub, or TFDS's features.
    split: of the rows.
    key: of the task that all are of; empty if the rows say it.
    where: the file, for messages.
    start: the number of the first row of a task, which is the id of a question
      that has none.
    source: of a benchmark, where its rows are from.

  Raises:
    UserError: a row does not say which task it is of.
  """
  counts: dict[str, int] = {}
  for number, row in enumerate(rows):
    try:
      of = key or _key_of(row)
    except (AttributeError, KeyError, TypeError, ValueError) as e:
      raise UserError(
        f'{where or suite.name}: row {number} of {split} is of no task of '
        f'{suite.name}: {_problem(e, row)}. Mend the file, or leave it out'
      ) from e
    task = suite.task(of)
    try:
      # Rows of benchmarks have the columns of a source.
      made = (
        [*asked_of(task, source, row)] if source else [_MAKE[suite.name](row)]
      )
    except _NONE as e:
      # It counts, so that others keep their ids.
      counts[of] = counts.get(of, start - 1) + 1
      yield NoQuestion(
        task.name,
        where or suite.name,
        number,
        _reason(e),
        f'row {number} of {split} is no question: {_problem(e, row)}',
      )
      continue
    for fields in made:
      counts[of] = counts.get(of, start - 1) + 1
      identity = {'id': str(counts[of]), **fields}
      yield Question(task=task.name, split=split, **identity)


# What a row raises that is no question.
_NONE = (
  RejectError,
  AttributeError,
  IndexError,
  KeyError,
  TypeError,
  ValueError,
)


def _reason(error: Exception) -> str:
  """Returns the code by which such rows are counted."""
  if isinstance(error, RejectError):
    return error.reason
  return 'missing_field' if isinstance(error, KeyError) else 'no_question'


def _problem(error: Exception, row: Any) -> str:
  problem = f'it has no {error}' if isinstance(error, KeyError) else str(error)
  return f'{problem}. Its columns: {_columns(row)}'


def _columns(row: Any) -> str:
  return ', '.join(row) if isinstance(row, dict) else 'none'


def _key_of(row: Mapping[str, Any]) -> str:
  """Finds the task of a row in a file of several."""
  if 'subject' in row:
    return _text(row['subject'])
  language = _text(row['id']).partition('-')[0]
  if language not in _LANGUAGES:
    raise ValueError(f"its id '{_text(row['id'])}' names no language")
  return _LANGUAGES[language]


def _mmlu(row: Mapping[str, Any]) -> dict[str, Any]:
  """Reads the columns of any of three forms; the answer is letter or number."""
  if 'choices' in row:
    options = [*map(_text, row['choices'])]
  elif 'choice0' in row:
    options = [_text(row[f'choice{i}']) for i in range(4)]
  else:
    options = [_text(row[letter]) for letter in _LETTERS[:4]]
  answer = row['answer'] if 'answer' in row else row['target']
  letter = _text(answer).strip() if isinstance(answer, str | bytes) else ''
  if letter not in _LETTERS[: len(options)] or not letter:
    # An error if it is no number.
    letter = _LETTERS[: len(options)][range(len(options))[int(answer)]]
  question = row['question'] if 'question' in row else row['input']
  return {
    'text': _text(question),
    'options': tuple(options),
    'answers': (letter,),
  }


def _bbh(row: Mapping[str, Any]) -> dict[str, Any]:
  return {'text': _text(row['input']), 'answers': (_text(row['target']),)}


def _bbes(row: Mapping[str, Any]) -> dict[str, Any]:
  """Reads an example of BIG-bench: choices with credits, or answers."""
  credits: Mapping[str, float] = row.get('target_scores') or {}
  # The first of the best choices, where the file does not say.
  best = [max(credits, key=lambda choice: credits[choice])] if credits else None
  target = row.get('target', best)
  if target is None:
    raise KeyError('target')
  return {
    'text': _text(row['input']),
    'answers': tuple(
      map(_text, [target] if isinstance(target, str) else target)
    ),
    'options': tuple(credits),
    'credits': tuple(map(float, credits.values())),
  }


def _mgsm(row: Mapping[str, Any]) -> dict[str, Any]:
  text = _text(row['question'])
  if 'answer_number' not in row:
    return {'text': text, 'answers': (_text(row['answer']),)}
  # On the hub 'answer' is a chain of thought, which the test split lacks.
  return {
    'text': text,
    'answers': (_text(row['answer_number']),),
    'chain': _text(row.get('answer') or ''),
  }


def _tydiqa(row: Mapping[str, Any]) -> dict[str, Any]:
  answers = row['answers']
  if isinstance(answers, Mapping):
    texts: Sequence[Any] = answers['text']
  else:
    texts = [answer['text'] for answer in answers]
  require(len(texts), 'no_answer')
  return {
    'id': _text(row['id']),
    'text': _text(row['question']),
    'passage': _text(row['context']),
    # People often give the same answer.
    'answers': tuple(dict.fromkeys(map(_text, texts))),
  }


def _text(value: Any) -> str:
  return value.decode() if isinstance(value, bytes) else str(value)


_MAKE: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
  'bbes': _bbes,
  'bbh': _bbh,
  'mgsm': _mgsm,
  'mmlu': _mmlu,
  'tydiqa': _tydiqa,
}
