"""Nothing that is printed moves a cursor or tells a password."""

import ast
import contextlib
import io
import json
import logging
import os
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.house.modules import PACKAGES, modules, text_of

from ul2_flan.tasks import messages
from ul2_flan.tasks.messages import visible

HOSTILE = '\x1b[2J\x9b31m\r\x08\x7f\u202e\u2028\udc80'
SHOWN = '\\u001b[2J\\u009b31m\\u000d\\u0008\\u007f\\u202e\\u2028\\udc80'


@given(st.text(), st.sampled_from(HOSTILE))
def test_no_control_is_left_and_all_else_is(text: str, control: str):
  shown = visible(text + control + text)
  for char in shown:
    assert char in '\n\t' or unicodedata.category(char) not in ('Cc', 'Cs')
  assert shown.encode()
  plain = ''.join(c for c in text if visible(c) == c)
  assert '://' in plain or visible(plain) == plain


@given(st.text())
def test_json_stays_the_same_json(text: str):
  assert json.loads(visible(json.dumps([text], ensure_ascii=False))) == [text]


@pytest.mark.parametrize(
  ('url', 'shown'),
  [
    ('http://me:secret@host:9000/b', 'http://me:***@host:9000/b'),
    ('"s3://:p:a@s@host"', '"s3://:***@host"'),
    ('http://host:80/a@b', 'http://host:80/a@b'),
    ('http://me@host and a: b@c', 'http://me@host and a: b@c'),
  ],
)
def test_passwords_in_addresses_are_masked(url: str, shown: str):
  assert visible(url) == shown


def test_all_ways_of_printing_make_it_visible(capsys):
  messages.say(HOSTILE, HOSTILE, end='!')
  messages.complain(HOSTILE)
  try:
    raise ValueError(HOSTILE)
  except ValueError as e:
    messages.complain_of(type(e), e, e.__traceback__)
  out, err = capsys.readouterr()
  assert out == f'{SHOWN} {SHOWN}!'
  assert err.startswith(f'{SHOWN}\nTraceback')
  assert err.endswith(f'\nValueError: {SHOWN}\n')
  record = logging.makeLogRecord({'msg': '%s', 'args': (HOSTILE,)})
  assert messages.Formatter().format(record) == SHOWN


def test_only_this_module_prints():
  calls = [
    path
    for path in modules(*PACKAGES)
    for node in ast.walk(ast.parse(text_of(path)))
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'print'
  ]
  assert set(calls) == {'tasks/messages.py'}


@given(text=st.text(), encoding=st.sampled_from(['ascii', 'latin-1', 'utf-8']))
def test_output_of_any_encoding_takes_any_text(text: str, encoding: str):
  data = io.BytesIO()
  with pytest.MonkeyPatch.context() as patch:
    out = io.TextIOWrapper(data, encoding, newline='\n')
    patch.setattr(sys, 'stdout', out)
    messages.say(json.dumps(text, ensure_ascii=False))
    out.flush()
  assert json.loads(data.getvalue().decode(encoding)) == text


@contextlib.contextmanager
def terminal(**environment: str):
  """Standard output that is a terminal with colours; what it gets."""
  with pytest.MonkeyPatch.context() as patch:
    out = io.StringIO()
    patch.setattr(out, 'isatty', lambda: True)
    patch.setattr(sys, 'stdout', out)
    for name in ('NO_COLOR', 'TERM'):
      patch.delenv(name, raising=False)
    for name, value in environment.items():
      patch.setenv(name, value)
    yield out


@given(st.text(alphabet=f'ab\n{HOSTILE}', min_size=1))
def test_only_styles_write_escapes(text: str):
  with terminal(TERM='xterm') as out:
    messages.say_styled([(text, '31'), (text, '')])
  shown = visible(text)
  assert out.getvalue() == f'\x1b[31m{shown}\x1b[0m{shown}\n'


@pytest.mark.parametrize(
  'environment', [{'TERM': 'xterm', 'NO_COLOR': '1'}, {'TERM': 'dumb'}, {}]
)
def test_who_wants_no_colours_gets_none(environment):
  with terminal(**environment) as out:
    messages.say_styled([('a', '1'), ('b', '')])
  assert out.getvalue() == 'ab\n'


def test_a_file_gets_no_colours(monkeypatch, capsys):
  monkeypatch.setenv('TERM', 'xterm')
  messages.say_styled([('a', '1')])
  assert capsys.readouterr().out == 'a\n'


def test_a_terminal_of_no_size_has_lines(monkeypatch):
  monkeypatch.setenv('LINES', '0')
  monkeypatch.setattr(
    'os.get_terminal_size', lambda fd: os.terminal_size((0, 0))
  )
  assert messages.rows() == 24
