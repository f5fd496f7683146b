"""Prints for people: all that a command says goes through here.

Names of files, texts of data and what a service answers may hold anything: a
terminal would obey the control characters among it, and a log would keep the
password of an endpoint.
"""

from collections.abc import Iterable
import logging
import os
import re
import shutil
import sys
import traceback
from types import TracebackType

# What Unicode calls controls (C0, DEL, C1), but for newlines and tabs; what
# turns the direction of a line, or ends one; and halves of pairs, which nothing
# can encode.
_CONTROLS = re.compile(
  '[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e'
  '\u2066-\u2069\ud800-\udfff]'
)

_NOT_ASCII = re.compile('[^\x00-\x7f]')

# The password in an address such as https://name:password@host.
_PASSWORD = re.compile(r'(?<=://)([^/\s:@]*):[^/\s]*@')


def visible(text: object) -> str:
  r"""Writes controls as escapes, which JSON has too, and passwords as stars.

  >>> print(visible('\x1b[31mred\x1b[0m at http://me:secret@host:80/'))
  \u001b[31mred\u001b[0m at http://me:***@host:80/
  """
  escaped = _CONTROLS.sub(lambda m: f'\\u{ord(m[0]):04x}', str(text))
  return _PASSWORD.sub(r'\1:***@', escaped)


def say(*texts: object, end: str = '\n', flush: bool = False) -> None:
  """Prints texts, with spaces between them, to standard output.

  Where that takes no UTF-8, such as in the C locale, other letters are escaped.
  """
  print(_writable(' '.join(map(visible, texts))), end=end, flush=flush)


def say_styled(stretches: Iterable[tuple[str, str]]) -> None:
  """Prints a line of texts, each in a style where there are colours.

  Args:
    stretches: texts, and what ECMA-48 calls the parameters of SGR: '1' for
      bold, '7' for reversed, '31' for red, '' for plain.
  """
  coloured = has_colours()
  parts = []
  for text, style in stretches:
    shown = _writable(visible(text))
    # Only this place writes an escape; those of the text are visible.
    is_styled = coloured and style and shown
    parts.append(f'\x1b[{style}m{shown}\x1b[0m' if is_styled else shown)
  print(''.join(parts))


def has_colours() -> bool:
  """Whether standard output is a terminal that shows colours, and should.

  See https://no-color.org for NO_COLOR.
  """
  return (
    sys.stdout.isatty()
    and not os.environ.get('NO_COLOR')
    and os.environ.get('TERM', 'dumb') != 'dumb'
  )


def draws_bars() -> bool:
  """Whether standard error is a terminal that can draw over a line.

  Logs, notebooks and dumb terminals cannot: they get a line now and then. Bars
  have no colours, whatever NO_COLOR says.
  """
  return sys.stderr.isatty() and os.environ.get('TERM') != 'dumb'


def rows() -> int:
  """Returns the terminal's lines, for tqdm: where it tells none, 24.

  Containers and programs such as `script` give terminals of no size, and there
  tqdm would draw nothing.
  """
  return shutil.get_terminal_size().lines


def _writable(text: str) -> str:
  try:
    text.encode(getattr(sys.stdout, 'encoding', None) or 'utf-8')
  except UnicodeEncodeError:
    return _NOT_ASCII.sub(_escape, text)
  return text


def _escape(letter: re.Match[str]) -> str:
  """Writes a letter as JSON may have it: one escape, or a pair of them."""
  units = letter[0].encode('utf-16-be')
  return ''.join(
    f'\\u{units[i : i + 2].hex()}' for i in range(0, len(units), 2)
  )


def complain(text: object) -> None:
  """Prints a text to standard error."""
  print(visible(text), file=sys.stderr)


def complain_of(
  kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
  """Prints a stack trace; see `sys.excepthook`."""
  complain(''.join(traceback.format_exception(kind, error, trace)).rstrip())


class Formatter(logging.Formatter):
  """Makes log messages visible as well."""

  def format(self, record: logging.LogRecord) -> str:
    return visible(super().format(record))
