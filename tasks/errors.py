"""What went wrong, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Iterable
import difflib


class UserError(ValueError):
  """A mistake in what was given: a command prints it without a stack trace."""


def unknown(kind: str, given: str, known: Iterable[str]) -> UserError:
  """The error for a name that is not among the known ones.

  >>> str(unknown('preset', 'ul2R', ['ul2r', 't5']))
  "unknown preset 'ul2R'. Did you mean 'ul2r'? Known: t5, ul2r"
  """
  names = sorted(known)
  near = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
  hint = f" Did you mean '{near[0]}'?" if near else ''
  shown = ', '.join(names[:20]) + (', …' if len(names) > 20 else '')
  return UserError(f"unknown {kind} '{given}'.{hint} Known: {shown or 'none'}")
