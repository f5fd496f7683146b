"""What a suite is, and reading its table."""

from collections.abc import Mapping
import dataclasses
import functools
import itertools
from statistics import fmean
from typing import Any

from ul2_flan.tasks import shipped
from ul2_flan.tasks.catalog.schema import Source
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.evaluation.extraction import EXTRACTORS
from ul2_flan.tasks.evaluation.rules import RULES
from ul2_flan.tasks.evaluation.suites.benchmarks import benchmark_of
from ul2_flan.tasks.evaluation.suites.suite_task import SuiteTask
from ul2_flan.tasks.strict_tables import make

_FOLDER = 'evaluation/suites'

# Of answers that are ranked, none is looked for.
_RANKED = {'extractor': 'whole', 'rule': 'exact'}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
  """A way to ask: for the answer, for a chain of thought, or in a template.

  Attributes:
    prompt: what the model is given, in words.
    extractor: one of `EXTRACTORS`, which finds the answer.
    rule: one of `RULES`, which compares it with the references.
    second_rule: another, whose accuracy is told beside; empty for none.
    fallback: whether an answer counts that nothing announced.
    template: the number of a template, in a suite that has some.
    order: the number of an order of options; 0 for the files' own.
    stops: where a model begins to ask further questions by itself, as one does
      that does not end its text. What follows is not part of its answer.
  """

  prompt: str
  extractor: str
  rule: str
  second_rule: str = ''
  fallback: bool = False
  template: int = 0
  order: int = 0
  stops: tuple[str, ...] = ()

  def __post_init__(self) -> None:
    if self.extractor not in EXTRACTORS:
      raise unknown('extractor', self.extractor, EXTRACTORS)
    for rule in filter(None, (self.rule, self.second_rule)):
      if rule not in RULES:
        raise unknown('rule', rule, RULES)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
  """A suite of evaluation tasks.

  Attributes:
    name: such as 'bbh'.
    description: a line for help.
    licence: of its data.
    canary: the GUID that its files hold, which no training data may.
    exemplars: how many a prompt shows, unless they do not fit.
    paper_split: the split that Flan's paper reports (arXiv 2210.11416).
    variants: by name: 'direct' and 'cot', or 'template_0' and so on.
    tasks: by key; those of the mean first.
    catalog: the suite of the catalog that has its tasks and their sources, and
      whose templates are its variants; empty for none.
  """

  name: str
  description: str
  licence: str
  canary: str
  exemplars: int
  paper_split: str
  variants: Mapping[str, Variant]
  tasks: Mapping[str, SuiteTask]
  catalog: str = ''

  @property
  def random(self) -> float:
    """The mean of its tasks' random accuracies, in percent.

    >>> round(load('bbh').random, 2)
    26.62
    """
    return fmean(t.random for t in self.tasks.values() if t.category)

  @property
  def has_benchmarks(self) -> bool:
    """Whether each task has a data set of its own, and a form to ask it."""
    return all(task.form for task in self.tasks.values())

  def task(self, name: str) -> SuiteTask:
    """Finds a task by its key, or by `<suite>:<key>`.

    >>> load('bbh').task('bbh:snarks').random
    50.0

    Raises:
      UserError: the suite has no such task.
    """
    key = name.removeprefix(f'{self.name}:')
    if key not in self.tasks:
      raise unknown(f'task of the suite {self.name}', key, self.tasks)
    return self.tasks[key]

  def variant(self, name: str) -> Variant:
    """Finds a variant.

    Raises:
      UserError: the suite has no such variant.
    """
    if name not in self.variants:
      raise unknown(f'variant of {self.name}', name, self.variants)
    return self.variants[name]


def names() -> list[str]:
  """Lists the suites.

  >>> names()
  ['bbes', 'bbh', 'flan_templates', 'mgsm', 'mmlu', 'nlp', 'tydiqa']
  """
  return shipped.names(_FOLDER)


def variants() -> list[str]:
  """Lists the variants of all suites.

  >>> variants()[:2]
  ['cot', 'direct']
  """
  return sorted(
    {variant for name in names() for variant in load(name).variants}
  )


@functools.cache
def load(name: str) -> Suite:
  """Reads a suite's table.

  >>> len(load('mmlu').tasks), load('mgsm').task('sw').category
  (57, 'languages')

  Raises:
    UserError: there is no such suite.
  """
  if name not in names():
    raise unknown('suite', name, names())
  where = f'{_FOLDER}/{name}.toml'
  table = shipped.table(where)
  if table.pop('kind', '') != 'evaluation':
    raise UserError(f'{where}: its kind is not "evaluation"')
  shared = {
    'suite': name,
    'language': 'en',
    **{
      field: table[field] for field in ('exemplars', 'paper_split', 'licence')
    },
  }
  table['tasks'] = {
    key: benchmark_of(shared, key, of, f'{where}, benchmark {key}')
    for key, of in table.pop('benchmarks', {}).items()
  } or _tasks(shared, table, where)
  stops = table.pop('stops', [])
  entries = table.pop('variants', {})
  entries |= _templates(table.pop('templates', 0), table.pop('orders', 1))
  table['variants'] = {
    key: make(Variant, {'stops': stops, **entry}, f'{where}, variant {key}')
    for key, entry in entries.items()
  }
  return make(Suite, {'name': name, 'canary': '', **table}, where)


def _templates(templates: int, orders: int) -> dict[str, dict[str, Any]]:
  """Makes the variants of a suite whose tasks are asked in templates.

  >>> list(_templates(templates=2, orders=2))
  ['template_0', 'template_0_order_1', 'template_1', 'template_1_order_1']
  """
  made = {}
  for template, order in itertools.product(range(templates), range(orders)):
    name = f'template_{template}' + f'_order_{order}' * bool(order)
    made[name] = {
      'prompt': f"template {template} of the task's family",
      'template': template,
      'order': order,
      **_RANKED,
    }
  return made


def _tasks(
  shared: Mapping[str, Any], table: dict[str, Any], where: str
) -> dict[str, SuiteTask]:
  """Takes what describes tasks out of a suite's table.

  Args:
    shared: the fields that all tasks have.
    table: the suite's; `{task}` in the locator of a source stands for a key.
    where: the file, for messages.
  """
  random = table.pop('random')
  families = table.pop('families', [])
  ranked, written = table.pop('ranked', False), table.pop('written', [])
  is_language = table.pop('multilingual', False)
  sources = table.pop('sources', [])
  categories = {
    key: category
    for category, keys in table.pop('categories').items()
    for key in keys
  }
  categories |= dict.fromkeys(table.pop('apart', []), '')
  return {
    key: SuiteTask(
      **{**shared, 'language': key if is_language else 'en'},
      key=key,
      random=random[key] if isinstance(random, dict) else random,
      category=category,
      family=next((f for f in families if key.startswith(f)), key),
      ranked=ranked and key not in written,
      sources=tuple(
        make(
          Source,
          {**entry, 'locator': entry['locator'].replace('{task}', key)},
          f'{where}, sources',
        )
        for entry in sources
      ),
    )
    for key, category in categories.items()
  }
