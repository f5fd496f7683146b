"""Accounts as a flow: what was read, what became of it, and what is made.

The counts of a manifest say all of it. They have the same form for all kinds
of run, so no stage asks which kind made them: it is there if its counts are.
"""

from collections.abc import Iterator, Mapping
import dataclasses

from ul2_flan.pipelines.flan.accounts import is_data_set
from ul2_flan.pipelines.flan.reasons import is_fault
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.counts import under
from ul2_flan.tasks.manifest import Manifest


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
  """A part of a stage.

  Attributes:
    label: what became of it.
    count: how many.
    outcome: 'used', 'dropped' by a rule, 'rejected' as faulty, or 'room' that
      nothing fills.
    of: of the stage, from 0 to 1.
  """

  label: str
  count: int
  outcome: str
  of: float


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
  """A stage of the flow.

  Attributes:
    title: what is counted.
    total: how many there are.
    shares: what became of them; those that were used come first.
    follows: whether what the stage before this one used is what goes in here.
  """

  title: str
  total: int
  shares: tuple[Share, ...]
  follows: bool = False

  @property
  def used(self) -> float:
    """The share that goes on, from 0 to 1."""
    return sum(s.of for s in self.shares if s.outcome == 'used')


def stages(manifest: Manifest) -> list[Stage]:
  """Returns the stages of a run, in the order in which it went through them."""
  counts = Counts(manifest.run.get('counts', {}))
  made = [
    *_of_text(counts),
    *_of_rows(manifest, counts),
    *_of_questions(counts),
    *_of_mixture(counts),
  ]
  return [stage for stage in made if stage.total]


def _stage(
  title: str,
  numbers: Mapping[str, Mapping[str, int]],
  total: int | None = None,
  *,
  follows: bool = False,
) -> Stage:
  """Makes a stage of counts by outcome and by what they are of.

  The total is the sum of all, or what the run counted if that is more.
  """
  flat = [
    (outcome, label, n)
    for outcome, by_label in numbers.items()
    for label, n in by_label.items()
    if n
  ]
  known = sum(n for *_, n in flat)
  whole = max(known, total or 0)
  shares = [Share(label, n, outcome, n / whole) for outcome, label, n in flat]
  return Stage(title, whole, tuple(shares), follows)


def _of_text(counts: Counts) -> Iterator[Stage]:
  """Yields what became of documents, and of their tokens."""
  for unit in ('documents', 'tokens'):
    used: dict[str, int] = {'used': counts[f'{unit}/used']}
    if unit == 'tokens':
      # Which denoisers used them.
      used = _by_denoiser(counts) or used
    numbers = {'used': used} | {
      outcome: counts.below(f'{unit}/{outcome}')
      for outcome in ('dropped', 'rejected')
    }
    title = 'documents read' if unit == 'documents' else 'tokens of their text'
    follows = unit == 'tokens'
    yield _stage(title, numbers, counts[f'{unit}/read'], follows=follows)


def _by_denoiser(counts: Counts) -> dict[str, int]:
  found: dict[str, int] = {}
  for numbers in counts.sums.values():
    for name, n in under(numbers, 'data/').items():
      _, _, rest = name.partition('/')
      if rest.endswith('/source_tokens'):
        denoiser = rest.removesuffix('/source_tokens')
        found[denoiser] = found.get(denoiser, 0) + n
  return found


def _of_rows(manifest: Manifest, counts: Counts) -> Iterator[Stage]:
  """Yields what became of the rows of tasks, and of their instances."""
  rows: dict[str, dict[str, int]] = {'used': {}, 'dropped': {}, 'rejected': {}}
  instances: dict[str, dict[str, int]] = {'used': {}, 'dropped': {}}
  total = {'rows': 0, 'instances': 0}

  def add(to: dict[str, int], label: str, n: int) -> None:
    to[label] = to.get(label, 0) + n

  for owner, numbers in counts.sums.items():
    if is_data_set(numbers):
      total['instances'] += numbers.get('rows', 0)
      kept = owner in manifest.data_sets
      outcome, label = (
        ('used', 'examples made') if kept else ('dropped', 'task left out')
      )
      add(instances[outcome], label, numbers.get('rendered', 0))
      for reason, n in under(numbers, 'dropped/').items():
        add(instances['dropped'], reason, n)
    elif 'read' in numbers and owner not in ('documents', 'tokens'):
      total['rows'] += numbers['read']
      add(rows['used'], 'used', numbers.get('used', 0))
      for outcome in ('dropped', 'rejected'):
        for reason, n in under(numbers, f'{outcome}/').items():
          add(rows[outcome], reason, n)
  yield _stage('rows read', rows, total['rows'])
  title = 'instances of these, once for each setting'
  if total['instances']:
    yield _stage(title, instances, total['instances'], follows=True)


def _of_questions(counts: Counts) -> Iterator[Stage]:
  """Yields what became of the questions of evaluation suites."""
  rejected: dict[str, int] = {}
  total = prompts = 0
  for numbers in counts.sums.values():
    total += numbers.get('questions', 0)
    if 'questions' in numbers:
      prompts += numbers.get('prompts', 0)
      for reason, n in under(numbers, 'rejected/').items():
        rejected[reason] = rejected.get(reason, 0) + n
  found = {'used': {'prompts': prompts}, 'rejected': rejected}
  yield _stage('questions, once for each variant', found, total)


def _of_mixture(counts: Counts) -> Iterator[Stage]:
  """Yields the places of a mixture, and the room of packed sequences."""
  for split in ('train', 'validation'):
    places = counts[f'mix/{split}/places']
    numbers = {'used': {'filled': counts[f'mix/{split}/examples']}}
    yield _stage(f'places of the mixture, {split}', numbers, places)
    for side in ('inputs', 'targets'):
      where = f'packing/{split}/{side}'
      room, tokens = counts[f'{where}/room'], counts[f'{where}/tokens']
      numbers = {
        'used': {'tokens': tokens},
        'room': {'padding': max(room - tokens, 0)},
      }
      title = f'tokens of room for packed {side}, {split}'
      yield _stage(title, numbers, room, follows=side == 'inputs')


def faults(manifest: Manifest) -> dict[str, tuple[int, bool]]:
  """Counts what was not used, by reason, and says whether it was a fault.

  A rule drops a record; whatever is wrong with one rejects it.
  """
  found: dict[str, tuple[int, bool]] = {}
  for owner, numbers in manifest.run.get('counts', {}).items():
    of_examples = is_data_set(numbers) and 'questions' not in numbers
    if owner == 'tokens' or of_examples:
      continue
    for outcome in ('rejected', 'dropped'):
      for reason, n in under(numbers, f'{outcome}/').items():
        before, _ = found.get(reason, (0, False))
        wrong = outcome == 'rejected' and is_fault(reason)
        found[reason] = (before + n, wrong)
  return dict(sorted(found.items(), key=lambda f: (not f[1][1], -f[1][0])))
