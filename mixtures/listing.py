"""Prints mixtures for people: a line for each suite, or for each member."""

from collections.abc import Iterator, Mapping, Sequence
import math

from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.resolve import Member, Resolved
from ul2_flan.mixtures.shares import Missing
from ul2_flan.tasks.catalog.licences import counted
from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.denoising.denoiser import load_preset

# A long list shows its first three names, which tell what kind it holds.
_SHOWN = 3


def listing(mixtures: Mapping[str, Part]) -> Iterator[str]:
  """Yields a table of names and descriptions."""
  return table(
    [('mixture', 'of'), *((n, p.description) for n, p in mixtures.items())]
  )


def outline(mixture: Part) -> Iterator[str]:
  """Yields what a mixture is made of, whether runs have it or not."""
  yield f'{mixture.name}: {mixture.description}'
  yield ''
  yield from table(
    [('part', 'share', 'of'), *_outline(mixture, mixture.name, '', '')]
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
      kind = d.corruption if d.mode == 'none' else d.mode
      yield f'{indent}  {d.name}', f'{d.rate:.2%}', f'denoiser {kind}'


def _contents(part: Part) -> str:
  """Returns what a leaf selects, in words."""
  if part.parts or part.denoisers:
    return ''
  words = [*part.suites, *part.tasks]
  if part.without:
    words.append(f'without {", ".join(part.without)}')
  if part.held_out:
    words.append(f'to be tested with {", ".join(part.held_out)}')
  if part.inverted is not None:
    words.append('inverted only' if part.inverted else 'not inverted')
  if part.cap is None:
    words.append("the tasks' caps")
  else:
    words.append(f'cap {part.cap:,}' if part.cap else 'no caps')
  if part.temperature != 1:
    words.append(f'temperature {part.temperature:g}')
  words.append(f'{part.few_shot:.0%} few-shot')
  if part.no_options:
    words.append(f'{part.no_options:.0%} without options')
  if part.reasoning:
    words.append(part.reasoning)
  return '; '.join(words)


def summary(resolved: Resolved, num_examples: int) -> Iterator[str]:
  """Yields a table with a line for each suite of each part, and for all.

  Args:
    resolved: the mixture.
    num_examples: for the columns of repeats; 0 for as many as there are before
      an example repeats.
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
  yield from table(rows, right=range(1, 9))
  yield ''
  least = min(resolved.members, key=lambda m: m.examples / m.rate)
  yield (
    f'repeats are for {num_examples:,} examples; none is seen twice up to '
    f'{resolved.examples_once:,}, where {least.data_set} ends'
  )
  if resolved.unlicensed:
    count, told = len(resolved.unlicensed), counted(resolved.unlicensed)
    yield f'left out by --licence: {count:,} tasks, of the licences {told}'
  yield from _missing(resolved.missing)


def _group(member: Member) -> str:
  """Returns the name of a member's line: its part and its suite."""
  suite = member.task.partition(':')[0]
  path = member.part
  return path if not suite or path.endswith(suite) else f'{path}: {suite}'


def every_member(resolved: Resolved, num_examples: int) -> Iterator[str]:
  """Yields a table with a line for each member, and then what is missing.

  Args:
    resolved: the mixture.
    num_examples: as of `summary`.
  """
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
  yield from table(rows, right=range(1, 6))
  for missing in resolved.missing:
    words = ' '.join((missing.what, *missing.settings))
    yield f'missing in {missing.part}: {words}'


def _missing(missing: Sequence[Missing]) -> Iterator[str]:
  """Yields what is missing, a line for what is missing in the same settings."""
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
