"""Imported templates give what google-research/FLAN's own code gives.

It runs where `UL2_FLAN_CHECKOUT` names a checkout of google-research/FLAN. The
code there makes examples of real rows, by each of its zero-shot patterns.
"""

from __future__ import annotations

from collections import defaultdict
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from support.flan import reference
from support.flan.rows import rows_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.rendering import OwnTemplates, Renderer, prepare

CHECKOUT = os.environ.get('UL2_FLAN_CHECKOUT', '')

# A row of WSC has other words in T5's code; we refuse one of ReCoRD, whose
# options are one twice.
KNOWN = {'wsc': 20, 'record': 20}


@pytest.fixture(scope='module')
def templates(tmp_path_factory: pytest.TempPathFactory) -> OwnTemplates:
  if not CHECKOUT:
    pytest.skip('UL2_FLAN_CHECKOUT names no checkout of google-research/FLAN')
  out = str(tmp_path_factory.mktemp('flan') / 'templates')
  list(import_templates(CHECKOUT, out))
  return OwnTemplates.read(out)


def made_by_flan(rows: dict[str, Any]) -> dict[str, list[Any]]:
  """Returns what FLAN's code makes of the rows; see `reference`."""
  done = subprocess.run(
    [sys.executable, reference.__file__],
    input=json.dumps(rows),
    capture_output=True,
    text=True,
    env={**os.environ, 'PYTHONPATH': CHECKOUT, 'TF_CPP_MIN_LOG_LEVEL': '3'},
  )
  assert done.returncode == 0, done.stderr
  made: dict[str, list[Any]] = json.loads(done.stdout)
  return made


def made_by_us(
  templates: OwnTemplates, name: str, rows: list[Any], kind: str
) -> dict[int, set[tuple[str, str]]]:
  """Returns each row's inputs and targets by each template."""
  renderer = Renderer.of(
    catalog.load(f'flan2021:{name}'), f'zs_{kind}', templates, seed=0
  )
  sources = {source.kind: source for source in renderer.task.sources}
  prepared = prepare(
    rows,
    np.arange(1, len(rows) + 1, dtype=np.uint64),
    task=renderer.task,
    source=sources.get('tfds', renderer.task.sources[0]),
    seed=0,
  )
  count = len(prepared.instances)
  columns = dict(prepared.instances.columns)
  if 'options' in columns:
    columns['options'] = [reference.MASK] * count
  made = defaultdict(set)
  for form in renderer.forms(prepared.instances).forms:
    sides = (form.inputs, form.targets)
    filled = [side.fill(columns, count) for side in sides]
    for row, inputs, targets in zip(prepared.row, *filled, strict=True):
      made[row].add((inputs, targets))
  return made


def test_zero_shot_examples_are_those_of_flan(
  templates: OwnTemplates, shared_data: Path
) -> None:
  rows = rows_of(shared_data)
  missing: dict[str, int] = defaultdict(int)
  total = 0
  for name, examples in made_by_flan(rows).items():
    for kind in ('opt', 'noopt'):
      ours = made_by_us(templates, name, rows[name], kind)
      for row, example in enumerate(examples):
        # Where FLAN filters a row, so do we.
        pairs = example[kind] if example else []
        assert bool(pairs) >= bool(ours[row])
        total += len(pairs)
        missing[name] += sum((a, b) not in ours[row] for a, b in pairs)
  assert {name: n for name, n in missing.items() if n} == KNOWN
  assert sum(missing.values()) < total / 100
