"""Draws scores against compute as SVG, which browsers and papers show."""

from collections.abc import Iterator, Sequence
import html
import math
from pathlib import Path

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.comparison.sizes import Curve

# A panel for each curve, in pixels: its size, and the margins of its axes.
_WIDTH, _HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 32, 40

# By which a drawing of ours is known.
MARK = '<!-- made by ul2-flan scores -->'


def write(curves: Sequence[Curve], path: Path) -> None:
  """Writes the drawing of curves, in the place of no other file.

  Raises:
    UserError: something is there that is no such drawing.
    OSError: it cannot be written.
  """
  if path.exists() and not (
    path.is_file() and MARK.encode() in path.read_bytes()
  ):
    raise UserError(
      f'--plot {path} is there already, and is no drawing of `ul2-flan '
      'scores`: only such a drawing is made anew. Name another file'
    )
  path.write_text(svg(curves), encoding='utf-8')


def svg(curves: Sequence[Curve]) -> str:
  """Draws curves, one panel below the other, with guesses as a dashed line."""
  height = _HEIGHT * len(curves)
  parts = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
    f'width="{_WIDTH}" height="{height}" font-family="sans-serif" '
    'font-size="11">',
    MARK,
    f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
  ]
  for number, curve in enumerate(curves):
    parts.append(f'<g transform="translate(0 {number * _HEIGHT})">')
    parts += _panel(curve)
    parts.append('</g>')
  return '\n'.join([*parts, '</svg>\n'])


def _panel(curve: Curve) -> Iterator[str]:
  logs = [math.log10(compute) for compute, _ in curve.points]
  low, high = math.floor(min(logs)), math.ceil(max(logs))
  high = max(high, low + 1)

  def x(log: float) -> str:
    inside = _WIDTH - _LEFT - _RIGHT
    return f'{_LEFT + inside * (log - low) / (high - low):.1f}'

  def y(score: float) -> str:
    inside = _HEIGHT - _TOP - _BOTTOM
    return f'{_TOP + inside * (1 - score / 100):.1f}'

  title = html.escape(f'{curve.suite} {curve.variant}, {curve.tasks} tasks')
  yield f'<text x="{_LEFT}" y="18" font-size="13">{title}</text>'
  for score in range(0, 101, 25):
    yield from _line(x(low), y(score), x(high), y(score), 'stroke="#ddd"')
    at = f'x="{_LEFT - 6}" y="{y(score)}"'
    yield f'<text {at} text-anchor="end">{score}</text>'
  for log in range(low, high + 1):
    at = f'x="{x(log)}" y="{_HEIGHT - _BOTTOM + 16}"'
    yield f'<text {at} text-anchor="middle">1e{log}</text>'
  yield (
    f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 6}" text-anchor="middle">'
    'training FLOPs</text>'
  )
  dashed = 'stroke="#888" stroke-dasharray="4 3" class="random"'
  random = y(curve.random)
  yield from _line(x(low), random, x(high), random, dashed)
  path = ' '.join(
    f'{x(place)},{y(interval.value)}'
    for place, (_, interval) in zip(logs, curve.points, strict=True)
  )
  yield f'<polyline points="{path}" fill="none" stroke="#1f5fa8"/>'
  for place, (_, interval) in zip(logs, curve.points, strict=True):
    ends = y(interval.low), y(interval.high)
    at = x(place)
    yield from _line(at, ends[0], at, ends[1], 'stroke="#1f5fa8"')
    middle = f'cx="{at}" cy="{y(interval.value)}"'
    yield f'<circle {middle} r="3" fill="#1f5fa8"/>'


def _line(x1: str, y1: str, x2: str, y2: str, style: str) -> Iterator[str]:
  yield f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {style}/>'
