"""Shapes of rows that hold a conversation; `shapes` says what a shape is."""

from collections.abc import Sequence

from ul2_flan.tasks.rendering.instances.reject import Fields, require


def _numbered(lines: Sequence[str]) -> str:
  return '\n'.join(
    f'{i}. {" ".join(t.split())}' for i, t in enumerate(lines, 1)
  )


def numbered_questions(fields: Fields, bits: int) -> list[Fields]:
  """CoQA: numbers a conversation's questions, and its answers, line by line.

  >>> asked = {'questions': ['Who?', 'Why?'], 'answers': ['Ada', 'Rain.']}
  >>> numbered_questions(asked, 0)[0]['answers'].splitlines()
  ['1. Ada', '2. Rain.']
  """
  questions, answers = fields['questions'], fields['answers']
  require(questions and len(questions) == len(answers), 'answers_missing')
  return [
    {**fields, 'questions': _numbered(questions), 'answers': _numbered(answers)}
  ]


def wiki_dialog(fields: Fields, bits: int) -> list[Fields]:
  """WikiDialog: questions and answers in turn; draws the answer to give."""
  turns = list(fields['turns'] or ())
  answers = len(turns) // 2
  require(answers, 'too_short')
  at = 2 * (bits % answers) + 1
  return [{'dialog': tuple(turns[:at]), 'answer': turns[at]}]


def qrecc(fields: Fields, bits: int) -> list[Fields]:
  """QReCC: puts the question after the turns before it."""
  dialog = (*(fields.get('context') or ()), fields['question'])
  return [{'dialog': dialog, 'answer': fields['answer']}]


def taskmaster(fields: Fields, bits: int) -> list[Fields]:
  """Taskmaster: draws the turn to give; a dialogue starts with the user.

  Utterances of one speaker that follow each other are one turn.
  """
  turns: list[str] = []
  speaker = ''
  for utterance in fields['turns'] or ():
    text = ' '.join(utterance['text'].split())
    who = utterance['speaker'].lower()
    if not text or not (turns or who == 'user'):
      continue
    if who == speaker:
      turns[-1] += ' ' + text
    else:
      turns.append(text)
    speaker = who
  require(len(turns) > 1, 'too_short')
  at = 1 + bits % (len(turns) - 1)
  return [{'dialog': tuple(turns[:at]), 'answer': turns[at]}]


def explode_questions(fields: Fields, bits: int) -> list[Fields]:
  """QuAC: a row of the export is a dialogue; makes an instance of each turn.

  >>> turns = {'question': ['a?', 'b?'], 'answer': [['x', 'xx'], 'y']}
  >>> explode_questions(turns, 0)
  [{'question': 'a?', 'answer': 'x'}, {'question': 'b?', 'answer': 'y'}]
  """
  answers = [a if isinstance(a, str) else a[0] for a in fields['answer']]
  return [
    {**fields, 'question': question, 'answer': answer}
    for question, answer in zip(fields['question'], answers, strict=True)
  ]
