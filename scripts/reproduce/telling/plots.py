"""Draws what was measured against compute, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
import html

from reproduce.arms import Arm, Settings, arms
from reproduce.telling.outcomes import Measure, Outcomes, loss, normalised

from ul2_flan.tasks.evaluation.report.intervals import Interval

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 120, 36, 44

# Told apart in black and white too: by dashes and by labels.
_LINES = {
  'base': ('#000000', ''),
  'lm': ('#555555', ''),
  'ul2r': ('#1f5fa8', '6 3'),
  'half_ul2r': ('#2f8f5b', '2 3'),
  'base_flan': ('#b3571b', '8 2 2 2'),
  'lm_flan': ('#8a4fa3', '4 2'),
  'ul2r_flan': ('#b01f4f', '1 2'),
}

# A point: a place, such as millions of tokens; and a value with its interval.
Point = tuple[float, Interval]

# From values to pixels.
Scale = Callable[[float], float]


# What plots show of held-out tasks: a title, a measure, and the tasks.
_RANKED = ('bbes_*', 'flan_0:*')
SHOWN: Mapping[str, tuple[str, Measure, Sequence[str]]] = {
  'loss': ('nats a target token, held-out tasks', loss, ('niv2:*', *_RANKED)),
  'score': ('normalised accuracy, held-out tasks', normalised, _RANKED),
}

# Points of a learning curve that are drawn as their mean.
_SMOOTH = 5


def drawings(
  found: Outcomes,
  training: Mapping[str, Sequence[tuple[int, float]]],
  size: Settings,
) -> dict[str, str]:
  """Returns each plot by the name of its file; none of bases alone.

  Args:
    found: what was measured.
    training: steps and losses by arm.
    size: how much was trained.
  """
  drawn = [arm for arm in _LINES if arm in found.by_arm and arm != 'base']
  if not drawn:
    return {}
  made = {
    f'{name}_by_compute': draw(
      title, {arm: [*_curve(found, size, arm, measure, tasks)] for arm in drawn}
    )
    for name, (title, measure, tasks) in SHOWN.items()
  }
  learned = {
    arm: [*_smooth(training[arm], size)]
    for arm in ('base', *drawn)
    # A quick run is too short for a point.
    if len(training.get(arm, ())) >= _SMOOTH
  }
  title = 'nats a target token, while training'
  return made | ({'training': draw(title, learned)} if learned else {})


def _smooth(
  losses: Sequence[tuple[int, float]], size: Settings
) -> Iterator[Point]:
  """Yields means of so many points each, at the last one's step."""
  for end in range(_SMOOTH, len(losses) + 1, _SMOOTH):
    part = losses[end - _SMOOTH : end]
    mean = sum(loss for _, loss in part) / _SMOOTH
    yield part[-1][0] * size.batch * 512 / 1e6, Interval(mean, mean, mean)


def _curve(
  found: Outcomes,
  size: Settings,
  name: str,
  measure: Measure,
  tasks: Sequence[str],
) -> Iterator[Point]:
  """Yields the points of an arm, from where the first arm's steps began."""
  arm = arms()[name]
  if arm.after:
    start = _millions(arms()[arm.after], size, arm.at)
    before = _curve(found, size, arm.after, measure, tasks)
    yield from (point for point in before if point[0] <= start)
  if name in found.by_arm:
    yield _millions(arm, size), found.mean(name, measure, *tasks)


def _millions(arm: Arm, size: Settings, share: float = 1.0) -> float:
  """Returns the millions of tokens of an arm, those before it included."""
  tokens = share * size.steps(arm) * size.batch * 512 / 1e6
  if arm.after:
    tokens += _millions(arms()[arm.after], size, arm.at)
  return tokens


def draw(
  title: str,
  curves: Mapping[str, Sequence[Point]],
  axis: str = 'millions of tokens',
) -> str:
  """Draws curves with intervals, each with its name at its end.

  Args:
    title: says what the values are.
    curves: points by name.
    axis: says what their places are.
  """
  points = [point for curve in curves.values() for point in curve]
  places = [place for place, _ in points]
  lows = [value.low for _, value in points]
  highs = [value.high for _, value in points]
  x = _scale(min(places), max(places), _LEFT, _WIDTH - _RIGHT)
  y = _scale(min(lows), max(highs), _HEIGHT - _BOTTOM, _TOP)
  parts = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
    'font-family="sans-serif" font-size="12">',
    f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    f'<text x="{_LEFT}" y="20" font-size="14">{html.escape(title)}</text>',
    f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" '
    f'text-anchor="middle">{html.escape(axis)}</text>',
    *_axes(x, y, places, lows + highs),
  ]
  ends: list[tuple[float, float]] = []
  for name, curve in curves.items():
    place, value = curve[-1]
    end = x(place), _free(x(place), y(value.value), ends)
    ends.append(end)
    parts += _line(name, curve, x, y)
    parts.append(
      f'<text x="{end[0] + 8:.1f}" y="{end[1] + 4:.1f}" '
      f'fill="{_LINES[name][0]}">{name}</text>'
    )
  return '\n'.join([*parts, '</svg>\n'])


def _free(x: float, y: float, names: Sequence[tuple[float, float]]) -> float:
  """Returns the height at or below y where a name covers no other."""
  while any(abs(x - at) < 70 and abs(y - height) < 12 for at, height in names):
    y += 1
  return y


def _scale(low: float, high: float, start: float, end: float) -> Scale:
  """Returns the function from values to pixels."""
  spread = (high - low) or 1.0
  return lambda value: start + (end - start) * (value - low) / spread


def _axes(
  x: Scale, y: Scale, places: Sequence[float], values: Sequence[float]
) -> Iterator[str]:
  bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
  for place in sorted({round(place) for place in places}):
    yield (
      f'<text x="{x(place):.1f}" y="{bottom + 18}" text-anchor="middle">'
      f'{place}</text>'
    )
  low, high = min(values), max(values)
  for i in range(5):
    value = low + (high - low) * i / 4
    at = y(value)
    yield (
      f'<line x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" '
      'stroke="#ddd"/>'
      f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">'
      f'{value:.2f}</text>'
    )


def _line(
  name: str, curve: Sequence[Point], x: Scale, y: Scale
) -> Iterator[str]:
  colour, dashes = _LINES[name]
  path = ' '.join(f'{x(p):.1f},{y(v.value):.1f}' for p, v in curve)
  yield (
    f'<polyline points="{path}" fill="none" stroke="{colour}" '
    f'stroke-width="2" stroke-dasharray="{dashes}"/>'
  )
  for place, value in curve:
    yield (
      f'<line x1="{x(place):.1f}" x2="{x(place):.1f}" y1="{y(value.low):.1f}" '
      f'y2="{y(value.high):.1f}" stroke="{colour}"/>'
      f'<circle cx="{x(place):.1f}" cy="{y(value.value):.1f}" '
      f'r="{3 if len(curve) < 9 else 0}" fill="{colour}"/>'
    )
