"""Each family's samples become the same bytes as ever, in every setting.

A digest changes with any template, draw or layout, and with how examples are
encoded. After a change that is meant, `python
tests/tasks/golden/rendering_test.py` writes the file anew. Whoever does that
changes what the same command writes for users, and says so in the change log.
"""

from __future__ import annotations

from collections.abc import Iterator
import hashlib
from pathlib import Path

import numpy as np

from ul2_flan.tasks import catalog, records
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.rendering import (
  SETTINGS,
  ExemplarCount,
  Instances,
  Pool,
  Renderer,
  load_family,
)

GOLDEN = Path(__file__).with_name('rendering.txt')
# Instances of each family.
COUNT = 100


def _task_of_each_family() -> dict[str, Task]:
  first: dict[str, Task] = {}
  for task in catalog.tasks():
    first.setdefault(task.family, task)
  return dict(sorted(first.items()))


def _digest(renderer: Renderer, instances: Instances, pool: Pool) -> str:
  """Hashes a block's serialised examples; bytes stand for token ids."""
  scored = instances.keys % np.uint64(3) == 0
  rendered = renderer.render(instances, pool, forward=scored, draws=True)
  columns: dict[str, records.Column] = {}
  for name in ('inputs', 'targets'):
    texts = [text.encode() for text in getattr(rendered, name)]
    columns[f'{name}_pretokenized'] = texts
    columns[name] = Ragged.of([[byte + 3 for byte in text] for text in texts])
  digest = hashlib.sha256(repr(rendered.draws).encode())
  for record in records.encode_examples(columns):
    digest.update(record)
  return digest.hexdigest()[:12]


def lines() -> Iterator[str]:
  """Yields a family and its task, then a digest for each setting."""
  for name, task in _task_of_each_family().items():
    family = load_family(name)
    samples = [
      dict(family.samples[i % len(family.samples)]) for i in range(COUNT)
    ]
    instances = Instances.of(samples, [7919 * (i + 1) for i in range(COUNT)])
    pool = Pool.of(family, instances)
    yield f'{name} ({task.name})'
    for setting in SETTINGS:
      if setting.reasoning and not family.reasoning:
        continue
      exemplars = ExemplarCount(1, 5, 4000)
      renderer = Renderer.of(task, setting, seed=0, exemplar_count=exemplars)
      try:
        yield f'  {setting} {_digest(renderer, instances, pool)}'
      except UserError:
        yield f'  {setting} no template'


def test_rendering_gives_the_bytes_of_the_golden_file() -> None:
  assert list(lines()) == GOLDEN.read_text().splitlines()


if __name__ == '__main__':
  GOLDEN.write_text('\n'.join(lines()) + '\n')
