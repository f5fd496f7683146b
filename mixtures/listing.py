"""Mixtures as text: a line for a suite and, on request, for a member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import math

from ul2_flan.mixtures.definition import Part
from ul2_flan.mixtures.resolve import Member, Resolved
from ul2_flan.mixtures.shares import Missing
from ul2_flan.tasks.denoising.denoiser import load_preset

# Of a long list, so many say what kind of things are in it.
_SHOWN = 3


def listing(mixtures: Mapping[str, Part]) -> Iterator[str]:
  """Names and descriptions."""
  return _table(
    [('mixture', 'of'), *((n, p.description) for n, p in mixtures.items())]
  )


def outline(mixture: Part) -> Iterator[str]:
  """What a mixture is made of, whatever there is of it."""
  yield f'{mixture.name}: {mixture.description}'
  yield ''
  yield from _table(
    [('part', 'share', 'of'), *_outline(mixture, mixture.name, '', '')],
  )


def _outline(
  part: Part, name: str, indent: str, share: str
) -> Iterator[tuple[str, ...]]:
  yield f'{indent}{name}', share, _contents(part)
  total = math.fsum(p.weight for p in part.parts)
  unit = ' of tokens' if part.unit == 'tokens' else ''
  for p in part.parts:
    share = f'{p.weight / total:.2%}{unit}'
    yield from _outline(p, p.name, indent + '  ', share)
  if part.denoisers:
    for d in load_preset(part.denoisers).denoisers:
      yield f'{indent}  {d.name}', f'{d.rate:.2%}', f'denoiser {d.mode}'


def _contents(part: Part) -> str:
  """What a leaf selects, in words."""
  if part.parts or part.denoisers:
    return ''
  words = [*part.suites, *part.tasks]
  if part.without:
    words.append(f'without {", ".join(part.without)}')
  if part.inverted is not None:
    words.append('inverted only' if part.inverted else 'not inverted')
  cap = part.cap
  words.append("the tasks' caps" if cap is None else f'cap {cap:,}')
  if cap == 0:
    words[-1] = 'no caps'
  if part.temperature != 1:
    words.append(f'temperature {part.temperature:g}')
  words.append(f'{part.few_shot:.0%} few-shot')
  if part.no_options:
    words.append(f'{part.no_options:.0%} without options')
  if part.reasoning:
    words.append(part.reasoning)
  return '; '.join(words)


def summary(resolved: Resolved, num_examples: int) -> Iterator[str]:
  """A line for each suite of each part, and the whole.

  Args:
    num_examples: for the columns of repeats; 0 for as many as there can be
      without one.
  """
  num_examples = num_examples or resolved.examples_once
  names = (m.data_set for m in resolved.members)
  repeats = dict(zip(names, resolved.repeats(num_examples), strict=True))
  rows = [
    (
      'part', 'tasks', 'data sets', 'examples', 'tokens', 'without caps',
      'rate', 'repeats', 'at most',
    )
  ]  # fmt: skip
  groups: dict[str, list[Member]] = {}
  for member in resolved.members:
    groups.setdefault(_group(member), []).append(member)
  for name, members in [*groups.items(), ('all', list(resolved.members))]:
    examples = sum(m.examples for m in members)
    rate = math.fsum(m.rate for m in members)
    tasks = {m.task for m in members if m.task}
    rows.append(
      (
        name,
        f'{len(tasks):,}' if tasks else '',
        f'{len(members):,}',
        f'{examples:,}',
        f'{sum(m.tokens for m in members):,}',
        f'{math.fsum(m.uncapped for m in members):.2%}',
        f'{rate:.2%}',
        f'{num_examples * rate / examples:.2f}',
        f'{max(repeats[m.data_set] for m in members):.2f}',
      )
    )
  yield from _table(rows, right=range(1, 9))
  yield ''
  least = min(resolved.members, key=lambda m: m.examples / m.rate)
  yield (
    f'repeats are for {num_examples:,} examples; none is seen twice up to '
    f'{resolved.examples_once:,}, where {least.data_set} ends'
  )
  yield from _missing(resolved.missing)


def _group(member: Member) -> str:
  suite = member.task.partition(':')[0]
  path = member.part
  return path if not suite or path.endswith(suite) else f'{path}: {suite}'


def every_member(resolved: Resolved, num_examples: int) -> Iterator[str]:
  """A line for each member, and then all that is missing."""
  num_examples = num_examples or resolved.examples_once
  rows = [('data set', 'examples', 'cap', 'without caps', 'rate', 'repeats')]
  for member, repeats in zip(
    resolved.members, resolved.repeats(num_examples), strict=True
  ):
    rows.append(
      (
        member.data_set,
        f'{member.examples:,}',
        f'{member.cap:,}' if member.cap else '',
        f'{member.uncapped:.4%}',
        f'{member.rate:.4%}',
        f'{repeats:.2f}',
      )
    )
  yield from _table(rows, right=range(1, 6))
  for m in resolved.missing:
    yield f'missing in {m.part}: {" ".join((m.what, *m.settings))}'


def _missing(missing: Sequence[Missing]) -> Iterator[str]:
  """What is missing, alike things together."""
  alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
  for m in missing:
    if m.what == '*':
      yield f'missing in {m.part}: all in {", ".join(m.settings)}'
    else:
      alike.setdefault((m.part, m.settings), []).append(m.what)
  for (part, settings), names in alike.items():
    shown = ', '.join(names[:_SHOWN]) + (', …' if len(names) > _SHOWN else '')
    where = f' in {", ".join(settings)}' if settings else ''
    yield f'missing in {part}: {len(names):,}{where} ({shown})'


def _table(
  rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Iterator[str]:
  """Columns side by side, those that are numbers to the right."""
  rows = list(rows)
  widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
  right = set(right)
  for row in rows:
    cells = (
      f'{cell:>{w}}' if i in right else f'{cell:{w}}'
      for i, (cell, w) in enumerate(zip(row, widths, strict=True))
    )
    yield '  '.join(cells).rstrip()
