"""What went wrong, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import difflib


class UserError(ValueError):
  """A mistake in what was given: a command prints it without a stack trace."""


def nearest(given: str, known: Mapping[str, str]) -> str:
  """What is meant by the name that is most like the given one, in any case.

  >>> nearest('BOOL_Q', {'bool_q': 'flan2021:bool_q', 'rte': 'flan2021:rte'})
  'flan2021:bool_q'

  Args:
    given: what somebody wrote.
    known: names to what they mean.

  Returns:
    '' if none is like it.
  """
  names: dict[str, str] = {}
  for name, meant in known.items():
    names.setdefault(name.lower(), meant)
  near = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
  return names[near[0]] if near else ''


def unknown(kind: str, given: str, known: Iterable[str]) -> UserError:
  """The error for a name that is not among the known ones.

  >>> str(unknown('preset', 'ul2R', ['ul2r', 't5']))
  "unknown preset 'ul2R'. Did you mean 'ul2r'? Known: t5, ul2r"
  """
  names = sorted(known)
  near = nearest(given, {name: name for name in names})
  hint = f" Did you mean '{near}'?" if near else ''
  shown = ', '.join(names[:20]) + (', …' if len(names) > 20 else '')
  return UserError(f"unknown {kind} '{given}'.{hint} Known: {shown or 'none'}")
