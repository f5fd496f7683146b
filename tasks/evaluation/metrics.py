"""Says how a task in a setting is scored."""

from collections.abc import Mapping
import functools

from ul2_flan.tasks import shipped
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.rendering.templates.setting import Setting

# These kinds score labels where a task has them; the labels go along with the
# kind.
LABELLED = ('accuracy', 'correlation', 'f1', 'matthews')


@functools.cache
def table() -> Mapping[str, Mapping[str, str]]:
  """Reads `tasks/catalog/metrics.toml`: kinds by family, for P3 by category."""
  return shipped.table('catalog/metrics.toml')


def evaluation_of(task: Task, setting: Setting) -> str:
  """Returns how the answers to a task are scored, as `scoring` takes it.

  A run writes it into its manifest, so that registration need not read the
  catalog.

  >>> from ul2_flan.tasks import catalog
  >>> zero_shot = Setting.parse('zs_opt')
  >>> evaluation_of(catalog.load('flan2021:rte'), zero_shot)
  'accuracy:yes|no'
  >>> evaluation_of(catalog.load('cot:gsm8k'), zero_shot)
  'reasoning'

  Returns:
    a kind of `KINDS`, and after a colon the labels of a task that has them.
  """
  kind = table().get(task.family, {}).get(task.category)
  if kind is None:
    usual = 'rouge_l' if task.options == 'none' else 'accuracy'
    kind = table()['families'].get(task.family, usual)
  if kind == 'reasoning' and setting.reasoning == 'direct':
    return 'accuracy'
  if kind == 'rouge_l' and set(task.languages) != {'en'}:
    return 'rouge_l_unicode'
  if task.labels and kind in LABELLED:
    return f'{kind}:{"|".join(task.labels)}'
  return kind
