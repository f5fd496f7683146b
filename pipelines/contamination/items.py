"""Reads the items of the suites that a run has made evaluation data of."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ul2_flan.pipelines.evaluation.find_suites import read_material, task_of
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.contamination import Item
from ul2_flan.tasks.contamination.collected import MOST_TEXTS
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.manifest import Manifest

_REMEDY = "Put the suite's files back, or make the evaluation data anew"


def items_of(manifest: Manifest) -> Iterator[Item]:
  """Yields the items of a run, task by task; their ids are those of prompts.

  Raises:
    UserError: a file of a suite is gone, has changed or cannot be read.
  """
  pieces = manifest.run.get('pieces')
  if pieces is None:
    raise UserError(
      f'the run {manifest.name} was made by a version of ul2-flan that did not '
      'keep where the questions lie: make the evaluation data anew'
    )
  for name, known in manifest.run['config']['tasks'].items():
    of_task = [_piece(raw) for raw in pieces[name]]
    try:
      material = read_material(task_of(name), of_task, known.get('source', 0))
      questions = material.questions.get(known['split'], ())
    except OSError as e:
      raise UserError(f'{name}: {files.why(e)}. {_REMEDY}') from e
    if len(questions) != known['questions']:
      raise UserError(
        f'{name}: its files have {len(questions)} questions, and had '
        f'{known["questions"]} when the run was made. {_REMEDY}'
      )
    asked = Counter(question.options for question in questions)
    for question in questions:
      own = asked[question.options] <= MOST_TEXTS
      yield Item(name, question.key, texts_of(question, options=own))


def _piece(raw: Mapping[str, Any]) -> Piece:
  rows = raw['rows'] and tuple(raw['rows'])
  return Piece(**{**raw, 'rows': rows})


def texts_of(question: Question, *, options: bool = True) -> tuple[str, ...]:
  """Returns what is looked for of a question: its passage, and itself.

  A question with options is looked for as it is asked most: with the options
  alone, and with a letter before each. Answers are too short to be told from
  chance.

  Args:
    question: the question.
    options: whether it has options of its own; else many questions of its task
      have the same, such as yes and no, and these are left out.

  >>> texts_of(Question(task='t', split='test', id='0', text='Is it?',
  ...                   options=('Yes', 'No'), answers=('A',)))
  ('Is it? Yes No', 'Is it? A Yes B No')
  """
  made = [question.passage] if question.passage else []
  own = question.options if options else ()
  made.append(' '.join([question.text, *own]))
  if own:
    made.append(' '.join([question.text, *_lettered(own)]))
  return tuple(made)


def _lettered(options: Sequence[str]) -> Iterator[str]:
  for number, option in enumerate(options):
    yield f'{chr(ord("A") + number)} {option}'
