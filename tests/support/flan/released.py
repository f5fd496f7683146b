"""Templates imported from a made-up checkout of google-research/FLAN."""

import functools
from pathlib import Path
import tempfile
from typing import Any

import numpy as np
from support.flan_checkout import write_checkout

from ul2_flan.tasks import catalog
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.rendering import Instances, OwnTemplates, Renderer, prepare


@functools.cache
def imported() -> OwnTemplates:
  with tempfile.TemporaryDirectory() as folder:
    out = f'{folder}/out'
    list(import_templates(write_checkout(Path(folder)), out))
    return OwnTemplates.read(out)


STYLES = dict(imported().files)['released.toml']


def renderer(setting: str, task: str = 'flan2021:rte', **how: Any) -> Renderer:
  """Returns a renderer as FLAN's released code."""
  loaded = catalog.load(task)
  how = {'seed': 0, **how}
  return Renderer.of(loaded, setting, imported(), as_released=True, **how)


def pairs(count: int) -> Instances:
  """Returns instances of RTE, of which each has other texts."""
  of = renderer('zs_opt').task
  rows = [
    {'premise': f'It is {i}.', 'hypothesis': f'Not {i} ', 'label': i % 2}
    for i in range(count)
  ]
  keys = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(7919)
  made = prepare(rows, keys, task=of, source=of.sources[0], seed=0)
  assert len(made.instances) == count, made.rejects
  return made.instances
