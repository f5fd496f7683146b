"""The bytes that each family's samples become, in every setting.

A digest changes with any wording, draw or layout, and with how examples are
encoded. After a change that is meant, `python
tests/tasks/golden/rendering_test.py` writes the file anew; who changes it
changes the output of the same command, and says so in the change log.
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
ROWS = 100


def _task_of_each_family() -> dict[str, Task]:
  found: dict[str, Task] = {}
  for task in catalog.tasks():
    found.setdefault(task.family, task)
  return dict(sorted(found.items()))


def _digest(renderer: Renderer, rows: Instances, pool: Pool) -> str:
  """Of a block's serialised examples; bytes stand for a vocabulary's ids."""
  scored = rows.keys % np.uint64(3) == 0
  rendered = renderer.render(rows, pool, forward=scored, draws=True)
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
  """A family and its task, and a digest for each setting."""
  for name, task in _task_of_each_family().items():
    family = load_family(name)
    samples = [
      dict(family.samples[i % len(family.samples)]) for i in range(ROWS)
    ]
    rows = Instances.of(samples, [7919 * (i + 1) for i in range(ROWS)])
    pool = Pool.of(family, rows)
    yield f'{name} ({task.name})'
    for setting in SETTINGS:
      if setting.reasoning and not family.reasoning:
        continue
      shots = ExemplarCount(1, 5, 4000)
      renderer = Renderer.of(task, setting, seed=0, shots=shots)
      try:
        yield f'  {setting} {_digest(renderer, rows, pool)}'
      except UserError:
        yield f'  {setting} no wording'


def test_rendered_bytes_are_those_of_the_golden_file() -> None:
  assert list(lines()) == GOLDEN.read_text().splitlines()


if __name__ == '__main__':
  GOLDEN.write_text('\n'.join(lines()) + '\n')
