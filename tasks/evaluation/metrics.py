"""Which scores a task in a setting is evaluated by."""

from __future__ import annotations

from collections.abc import Mapping
import functools
import importlib.resources
import tomllib

from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.rendering.templates.setting import Setting

# Kinds that score labels; they come with the labels' names.
LABELLED = ('accuracy', 'correlation', 'f1', 'matthews')


@functools.cache
def table() -> Mapping[str, Mapping[str, str]]:
  """`tasks/catalog/metrics.toml`: kinds by family, and by category for P3."""
  folder = importlib.resources.files('ul2_flan.tasks') / 'catalog'
  return tomllib.loads((folder / 'metrics.toml').read_text(encoding='utf-8'))


def evaluation_of(task: Task, setting: Setting) -> str:
  """How the answers to a task are scored, for `scoring`.

  It depends on the catalog alone, so that a manifest can say it and
  registration need not read the catalog.

  >>> from ul2_flan.tasks import catalog
  >>> zero_shot = Setting.parse('zs_opt')
  >>> evaluation_of(catalog.load('flan2021:rte'), zero_shot)
  'accuracy:yes|no'
  >>> evaluation_of(catalog.load('cot:gsm8k'), zero_shot)
  'reasoning'

  Returns:
    a kind of `KINDS`, and the task's labels where each row has the same.
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
