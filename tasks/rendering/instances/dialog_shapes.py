"""Shapes of rows that hold a conversation; `shapes` says what a shape is."""

from collections.abc import Mapping, Sequence
from typing import Any

from ul2_flan.tasks.rendering.instances.reject import Fields, require

# What people's files call those who speak, and how a prompt calls them.
_ROLES = {
  'user': 'User', 'human': 'User',
  'assistant': 'Assistant', 'gpt': 'Assistant', 'bot': 'Assistant',
  'model': 'Assistant', 'chatgpt': 'Assistant',
  'system': '', 'developer': '',
}  # fmt: skip

# What people's files call a prompt and its answer.
_PAIRS = (
  ('prompt', 'completion'), ('prompt', 'response'), ('prompt', 'answer'),
  ('inputs', 'targets'), ('input', 'output'), ('question', 'answer'),
)  # fmt: skip


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


def numbered_exactly(fields: Fields, bits: int) -> list[Fields]:
  """As `numbered_questions`, with all white space, as google-research/FLAN."""
  both = {name: fields[name] for name in ('questions', 'answers')}
  numbered = {
    name: '\n'.join(f'{i}. {line}' for i, line in enumerate(lines, 1))
    for name, lines in both.items()
  }
  return [{**fields, **numbered}]


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


def chat(fields: Fields, bits: int) -> list[Fields]:
  r"""Chats: makes an instance of each turn of the assistant.

  A prompt has all before it: a single turn as it is, several with who speaks.

  >>> turns = [('user', 'Hi'), ('assistant', 'Yes?'), ('user', 'Bye')]
  >>> turns += [('assistant', 'So soon?')]
  >>> rows = chat({'messages': [dict(role=r, content=c) for r, c in turns]}, 0)
  >>> [row['prompt'] for row in rows]
  ['Hi', 'User: Hi\nAssistant: Yes?\nUser: Bye\nAssistant:']

  Rejects:
    no_messages, unknown_role, not_text: it is no chat of text.
    too_short: the assistant says nothing, or nobody asks.
  """
  turns = _turns(fields.get('messages') or fields.get('conversations'))
  made: list[Fields] = [
    {'prompt': _prompt(turns[:at]), 'answer': text}
    for at, (who, text) in enumerate(turns)
    if who == 'Assistant' and any(w == 'User' for w, _ in turns[:at])
  ]
  require(made, 'too_short')
  return made


def completion(fields: Fields, bits: int) -> list[Fields]:
  """Prompts and completions: texts, or both of them messages of a chat.

  >>> completion({'prompt': 'Two and two?', 'completion': ' four'}, 0)
  [{'prompt': 'Two and two?', 'answer': ' four'}]

  Rejects:
    no_prompt: no two columns are called as a prompt and its answer.
  """
  for asked, given in _PAIRS:
    if asked in fields and given in fields:
      if isinstance(fields[asked], str):
        return [{'prompt': fields[asked], 'answer': fields[given]}]
      answer = ' '.join(text for _, text in _turns(fields[given]))
      return [{'prompt': _prompt(_turns(fields[asked])), 'answer': answer}]
  require(False, 'no_prompt')
  return []


def instruction(fields: Fields, bits: int) -> list[Fields]:
  r"""Instructions: what one is about stands below it.

  >>> row = {'instruction': 'Translate.', 'input': 'katu', 'output': 'street'}
  >>> instruction(row, 0)
  [{'prompt': 'Translate.\n\nkatu', 'answer': 'street'}]
  """
  about = fields.get('input') or fields.get('context') or ''
  answer = fields['output'] if 'output' in fields else fields['response']
  parts = (fields['instruction'].strip(), about.strip())
  return [{'prompt': '\n\n'.join(filter(None, parts)), 'answer': answer}]


def _turns(messages: Any) -> list[tuple[str, str]]:
  """Returns who says what; what one says without a break is one turn."""
  require(messages, 'no_messages')
  turns: list[tuple[str, str]] = []
  for message in messages:
    role = message['role'] if 'role' in message else message['from']
    require(role in _ROLES, 'unknown_role')
    who, text = _ROLES[role], _said(message)
    if turns and turns[-1][0] == who:
      text = f'{turns.pop()[1]}\n{text}'
    turns.append((who, text))
  return turns


def _said(message: Mapping[str, Any]) -> str:
  """Returns the text of a message, which may come in parts."""
  said = message['content'] if 'content' in message else message['value']
  if isinstance(said, list):
    require(all(part.get('type') == 'text' for part in said), 'not_text')
    said = '\n'.join(part['text'] for part in said)
  require(isinstance(said, str) and said.strip(), 'not_text')
  return str(said).strip()


def _prompt(turns: Sequence[tuple[str, str]]) -> str:
  """Writes the turns before an answer."""
  system = [text for who, text in turns if not who]
  others = [(who, text) for who, text in turns if who]
  if len(others) == 1:
    return '\n\n'.join([*system, others[0][1]])
  lines = [f'{who}: {text}' for who, text in others]
  return '\n\n'.join([*system, '\n'.join([*lines, 'Assistant:'])])
