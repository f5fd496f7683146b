"""Writes examples as lines of stretches, each with a style.

Everything can be read without colours too: what is masked stands in brackets
with the number of its sentinel, and sentinels in angle brackets.
"""

from collections.abc import Iterable, Iterator, Sequence

from ul2_flan.pipelines.examples import Run, masked, packed
from ul2_flan.pipelines.examples.rejects import Rejected
from ul2_flan.pipelines.examples.stretches import Stretch, divide
from ul2_flan.pipelines.inspect.find import Found, text_of
from ul2_flan.tasks.denoising import Objective
from ul2_flan.tasks.records import Feature

# A line: texts, and their styles as `messages.say_styled` takes them.
Line = list[tuple[str, str]]

_BOLD, _FAINT, _RED = '1', '2', '31'
_STYLES = {'mode': '1;36', 'sentinel': '1;35', 'unknown': _RED, 'eos': _FAINT}

# The colours of denoisers, and of the members of a packed sequence.
_COLOURS = ('34', '33', '32', '35', '36', '31')


class Writer:
  """Writes the examples of one run."""

  def __init__(self, run: Run):
    """Solves the run's objective, if it has denoisers."""
    self._run = run
    self._objective: Objective | None = masked.objective_of(run)
    names = (
      [d.name for d in self._objective.denoisers] if self._objective else []
    )
    self._colours = {n: _COLOURS[i % 6] for i, n in enumerate(names)}

  def lines(self, found: Found, members: Sequence[str] = ()) -> Iterator[Line]:
    """Yields the lines of an example.

    Args:
      found: the example.
      members: of a packed sequence's examples, where these are known.
    """
    place = f'{found.split}, record {found.number} of {found.path}'
    yield [(found.data_set, _BOLD), (f'  {place}', _FAINT)]
    for feature in self._run.manifest.features:
      if text := text_of(found.example, feature):
        name = feature.removeprefix('provenance/')
        yield [(f'{name:10}', _FAINT), (text, '')]
    if self._run.manifest.is_packed:
      yield from self._unfolded(found, members)
    elif self._objective and self._run.vocabulary:
      yield from self._denoised(found)
    else:
      for side in ('inputs', 'targets'):
        yield self._side(side, found.example.get(side, []))

  def _side(self, name: str, ids: Feature) -> Line:
    stretches = divide(ids, self._run.vocabulary)
    return [(f'{name:10}', _BOLD), *styled(stretches)]

  def _denoised(self, found: Found) -> Iterator[Line]:
    assert self._objective is not None
    assert self._run.vocabulary is not None
    one = masked.take_apart(
      found.example, self._objective, self._run.vocabulary
    )
    name = ' or '.join(one.denoisers)
    colour = self._colours[one.denoisers[0]]
    told = f'mode {one.mode}, {one.tokens} tokens, {one.share:.1%} masked'
    yield [('denoiser  ', _BOLD), (name, f'1;{colour}'), (f', {told}', '')]
    for title, side in (
      ('text', one.text), ('inputs', one.inputs), ('targets', one.targets)
    ):  # fmt: skip
      yield [(f'{title:10}', _BOLD), *styled(side, colour)]

  def _unfolded(self, found: Found, members: Sequence[str]) -> Iterator[Line]:
    for i, one in enumerate(packed.unpack(found.example)):
      colour = _COLOURS[i % 6]
      member = f', of {members[i]}' if i < len(members) else ''
      sizes = ', '.join(f'{len(ids)} {side}' for side, ids in one.sides.items())
      yield [(f'example {i + 1}{member}', f'1;{colour}'), (f': {sizes}', '')]
      for side, ids in one.sides.items():
        if len(ids):
          yield self._side(f'  {side}', ids)


def styled(stretches: Iterable[Stretch], colour: str = '') -> Line:
  """Gives stretches their styles, and marks that can be read without them.

  >>> styled([Stretch('', 'sentinel', 3), Stretch(' a', 'masked', 3)], '32')
  [('<3>', '1;35'), ('[3: a]', '7;32')]
  """
  line: Line = []
  for stretch in stretches:
    if stretch.kind == 'sentinel':
      line.append((f'<{stretch.number}>', _STYLES['sentinel']))
    elif stretch.kind == 'masked':
      number = f'{stretch.number}:' if stretch.number >= 0 else ''
      line.append((f'[{number}{stretch.text}]', f'7;{colour}'))
    else:
      line.append((stretch.text, _STYLES.get(stretch.kind, '')))
  return line


def of_rejected(one: Rejected) -> Iterator[Line]:
  """Yields the lines of a record that was not used."""
  yield [
    ('not used', f'1;{_RED}'), (f'  {one.source}:{one.place}', _FAINT)
  ]  # fmt: skip
  yield [('reason    ', _BOLD), (f'{one.reason}: {one.detail}', '')]
  yield [('record    ', _BOLD), (one.record, '')]
