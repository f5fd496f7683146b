"""The error for a user's mistakes, and hints at what was meant."""

from collections.abc import Iterable, Iterator, Mapping
import contextlib
import difflib


class UserError(ValueError):
  """A mistake in what the user gave.

  A command prints its message without a stack trace, so the message says what
  was given, where, what the rule is, and what to do.
  """


def nearest(given: str, known: Mapping[str, str]) -> str:
  """Finds the name most like the given one, ignoring case.

  Args:
    given: what somebody wrote.
    known: from names to what they mean.

  Returns:
    what the name means; '' if no name is similar.

  >>> nearest('BOOL_Q', {'bool_q': 'flan2021:bool_q', 'rte': 'flan2021:rte'})
  'flan2021:bool_q'
  """
  names: dict[str, str] = {}
  for name, meant in known.items():
    names.setdefault(name.lower(), meant)
  # Less strict than difflib's 0.6: names are short, and typos weigh more.
  near = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
  return names[near[0]] if near else ''


def unknown(kind: str, given: str, known: Iterable[str]) -> UserError:
  """Makes the error for a name that is not among the known ones.

  Args:
    kind: what the name is of, such as 'preset'.
    given: what somebody wrote.
    known: all names that are right; the message shows twenty at most.

  >>> str(unknown('preset', 'ul2R', ['ul2r', 't5']))
  "unknown preset 'ul2R'. Did you mean 'ul2r'? Known: t5, ul2r"
  """
  names = sorted(known)
  near = nearest(given, {name: name for name in names})
  hint = f" Did you mean '{near}'?" if near else ''
  shown = ', '.join(names[:20]) + (', …' if len(names) > 20 else '')
  text = f"unknown {kind} '{given}'.{hint} Known: {shown or 'none'}"
  return UserError(text.replace('\n', '\\n'))  # names are somebody's data


@contextlib.contextmanager
def given_by(flag: str) -> Iterator[None]:
  """Names the flag that gave what the body refuses.

  >>> with given_by('--preset'):
  ...   raise unknown('preset', 'x', ['ul2r'])
  Traceback (most recent call last):
  ul2_flan.tasks.errors.UserError: --preset: unknown preset 'x'. Known: ul2r

  Args:
    flag: with its dashes.
  """
  try:
    yield
  except UserError as e:
    raise UserError(f'{flag}: {e}') from e
