"""Writes the page: one HTML file that loads nothing and runs nothing.

Texts of data may hold anything. Three things keep them text: Jinja escapes all
that it is given, controls become visible escapes, and the page's own policy
(CSP) allows no script and no style but ours, which it knows by its hash.
"""

import base64
from collections.abc import Iterable, Sequence
import functools
import hashlib
from importlib import resources
from typing import Any

import jinja2
import markupsafe

from ul2_flan.pipelines.report.scores import Scores
from ul2_flan.pipelines.report.view import View
from ul2_flan.tasks.messages import visible

# Says that a file is such a page, so that it may be written anew.
MARK = '<meta name="generator" content="ul2-flan report">'

# Sentinels whose pairs light up together.
_PAIRED = 100


def render(views: Sequence[View], scores: Scores | None = None) -> bytes:
  """Writes the page of some runs, and of a model's scores if there are any.

  Returns:
    HTML in UTF-8.
  """
  style = _style()
  digest = hashlib.sha256(style.encode()).digest()
  html = (
    _environment()
    .get_template('page.html')
    .render(
      views=views,
      scores=scores,
      style=markupsafe.Markup(style),
      mark=markupsafe.Markup(MARK),
      style_hash=base64.b64encode(digest).decode(),
    )
  )
  return html.encode()


@functools.cache
def _style() -> str:
  """Returns the style sheet, with a rule for the pairs of each sentinel."""
  text = (resources.files(__package__) / 'html' / 'style.css').read_text(
    'utf-8'
  )
  pairs = ',\n'.join(
    f'.mask:has(.k{k}:is(:hover, :focus)) .k{k}' for k in range(_PAIRED)
  )
  return f'\n{text}\n{pairs} {{ outline: 3px solid #b00; }}\n'


@functools.cache
def _environment() -> jinja2.Environment:
  environment = jinja2.Environment(
    loader=jinja2.PackageLoader(__package__, 'html'),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_finalize,
    trim_blocks=True,
    lstrip_blocks=True,
  )
  environment.filters |= {
    'n': lambda n: f'{n:,}',
    'percent': percent,
    'score': lambda s: '—' if s is None else f'{s:.1f}',
    'path': bars_path,
  }
  return environment


def _finalize(value: Any) -> Any:
  """Makes controls in a text visible; what is markup is made of such texts."""
  if isinstance(value, str) and not isinstance(value, markupsafe.Markup):
    return visible(value)
  return value


def percent(share: float | None, digits: int = 1) -> str:
  """Says a share as people do; small shares are not rounded to nothing.

  >>> percent(0.25), percent(0.0001), percent(None)
  ('25.0%', '<0.1%', '')
  """
  if share is None:
    return ''
  least = 10**-digits
  if 0 < 100 * share < least:
    return f'<{least:.{digits}f}%'
  return f'{100 * share:.{digits}f}%'


def bars_path(bars: Iterable[float]) -> str:
  """Draws bars, each 1 wide and at most 10 high, as the path of an SVG.

  >>> bars_path([0, 0.5])
  'M1 10v-5h.9v5z'
  """
  return ''.join(
    f'M{i} 10v-{max(10 * bar, 0.2):.3g}h.9v{max(10 * bar, 0.2):.3g}z'
    for i, bar in enumerate(bars)
    if bar
  )
