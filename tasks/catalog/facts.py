"""Says where the data of each task are, and what their licence is.

`places.toml` has places, `facts.tsv` pages and licences with who states them.
Nothing is guessed: what no source states is 'unknown'.
"""

from collections.abc import Iterator, Mapping
import dataclasses
import functools
from typing import Any

from ul2_flan.tasks import shipped
from ul2_flan.tasks.catalog.downloads import Download, downloads_of
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError, unknown

UNKNOWN = 'unknown'

_HOW = ('git', 'hub', 'url', 'tfds', 'by hand', 'none')

# For a task whose rows are of another data set than the collection's list says.
_OTHER = '-'

# Suites that nobody trains on, and so are not in the catalog.
_EVALUATION = (
  'mmlu', 'bbh', 'mgsm', 'tydiqa', 'bbes', 'nlp', 'flan_templates'
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
  """What is known of a task's data.

  Attributes:
    task: its name; for evaluation that of the suite.
    how: how to get them: 'git', 'hub', 'url', 'tfds', 'by hand' or 'none'.
    place: the repository, the hub's or TFDS's name, or the first URL; empty for
      none.
    revision: that the papers' code or a source states; else 'unknown'.
    files: below the place; empty for all.
    page: of the data set; else 'unknown'.
    licence: an SPDX name or words; else 'unknown'.
    licence_source: who states the licence; empty if it is unknown.
    gated: whether its page wants an agreement or a request first.
    gone: what was there and is no longer; else empty.
    note: what else somebody should know who wants the data.
    downloads: single files, with sizes and checksums, as far as they are known.
  """

  task: str
  how: str = 'none'
  place: str = ''
  revision: str = UNKNOWN
  files: str = ''
  page: str = UNKNOWN
  licence: str = UNKNOWN
  licence_source: str = ''
  gated: bool = False
  gone: str = ''
  note: str = ''
  downloads: tuple[Download, ...] = ()

  def __post_init__(self) -> None:
    if self.how not in _HOW:
      raise unknown('how', self.how, _HOW)
    if bool(self.place) != (self.how not in ('by hand', 'none')):
      raise UserError(f"{self.task}: '{self.how}' with place '{self.place}'")
    if bool(self.licence_source) != (self.licence != UNKNOWN):
      raise UserError(
        f'{self.task}: the licence {self.licence} by {self.licence_source!r}'
      )

  @property
  def available(self) -> bool:
    """Whether a program can get the data from its place."""
    return self.how in ('git', 'hub', 'url', 'tfds')

  @property
  def bytes(self) -> int:
    """How much is downloaded; 0 if that is not known."""
    sizes = [one.bytes for one in self.downloads]
    return sum(sizes) if all(sizes) else 0

  @property
  def instruction(self) -> str:
    """What to do to get the data."""
    if self.how == 'tfds':
      return f'tfds build {self.place}'
    if self.how == 'url':
      more = len(self.downloads) - 1
      return f'download {self.place}' + (f' and {more} more' if more else '')
    below = f', {self.files}' if self.files else ''
    at = f' at {self.revision}' if self.revision != UNKNOWN else ''
    return {
      'git': f'git repository {self.place}{at}{below}',
      'hub': f'data set {self.place} of the hub{below}',
      'by hand': f'by hand, from {self.page}',
      'none': 'nowhere public',
    }[self.how]


def facts_of(task: Task) -> Facts:
  """Returns what is known of a task's data; an inverted task has another's.

  >>> from ul2_flan.tasks import catalog
  >>> facts = facts_of(catalog.load('cot:gsm8k'))
  >>> facts.place, facts.files, facts.licence
  ('google-research/FLAN', 'flan/v2/cot_data/gsm8k_train.tsv', 'MIT')
  """
  places = _places()
  whole = {
    **places['suites'].get(task.suite, {}),
    **places['tasks'].get(task.name, places['tasks'].get(_like(task), {})),
  }
  downloads = downloads_of(_like(task))
  if task.name in places['urls']:
    whole |= {'how': 'url', 'place': downloads[0].file}
  if whole.get('how') in ('by hand', 'none'):
    whole['place'] = ''
  file = task.sources[0].locator
  for key in ('place', 'files'):
    whole[key] = whole.get(key, '').replace('{file}', file)
  stated = _stated(task.suite, _like(task).partition(':')[2], task.dataset)
  if page := stated.get('page'):
    whole['page'] = page
  whole['licence'] = task.licence or UNKNOWN
  if task.licence:
    whole['licence_source'] = (
      stated.get('licence_source')
      or whole.get('licence_source')
      or "the data set's own page, as tasks/catalog/README.md says"
    )
  else:
    whole.pop('licence_source', '')
  return Facts(task=task.name, downloads=downloads, **whole)


def of_evaluation() -> Iterator[Facts]:
  """Yields what is known of the evaluation suites."""
  for suite in _EVALUATION:
    yield Facts(task=suite, **_places()['suites'][suite])


def licence_of(suite: str, task: str, dataset: str) -> str:
  """Returns the licence of a task that is a line of a table; '' for unknown.

  Args:
    suite: 'niv2' or 't0_sf'.
    task: its name without the suite.
    dataset: that it is made of.
  """
  licence = _stated(suite, task, dataset).get('licence', '')
  return '' if licence in (UNKNOWN, _OTHER) else licence


def _stated(suite: str, task: str, dataset: str) -> Mapping[str, str]:
  """Returns what is stated of a task's data, or else of its data set.

  A task's file that says 'unknown' does not hide what the data set says.
  """
  of_set = _table().get((suite, '', dataset), {})
  own = {k: v for k, v in _table().get((suite, task), {}).items() if v}
  if own.get('licence') == UNKNOWN and of_set.get('licence'):
    del own['licence'], own['licence_source']
  return {**of_set, **own}


def _like(task: Task) -> str:
  """Returns the name of the task whose rows an inverted task takes."""
  if not task.inverted:
    return task.name
  for name, locator in _first_locators(task.suite):
    if locator == task.sources[0].locator:
      return name
  return task.name


@functools.cache
def _first_locators(suite: str) -> tuple[tuple[str, str], ...]:
  # Here, since the catalog's files take licences from this module.
  from ul2_flan.tasks.catalog.index import tasks

  return tuple(
    (task.name, task.sources[0].locator)
    for task in tasks(suite=suite, inverted=False, left_out=True)
  )


@functools.cache
def _table() -> Mapping[tuple[str, ...], Mapping[str, str]]:
  """Reads facts.tsv: by suite and task, or by suite, '' and data set."""
  header, *lines = shipped.text('catalog/facts.tsv').splitlines()
  names = header.split('\t')
  table: dict[tuple[str, ...], Mapping[str, str]] = {}
  for line in lines:
    row = dict(zip(names, line.split('\t'), strict=True))
    suite, task, dataset = (row.pop(k) for k in ('suite', 'task', 'dataset'))
    table[(suite, task) if task else (suite, '', dataset)] = row
  return table


@functools.cache
def _places() -> dict[str, Any]:
  return shipped.table('catalog/places.toml')
