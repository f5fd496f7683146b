"""Runs `--as_released` give what google-research/FLAN's own code gives.

It runs where `UL2_FLAN_CHECKOUT` names a checkout of google-research/FLAN, in
an environment that has `frozendict` too, for three minutes. The code there
makes examples of real rows by each of its patterns, zero- and few-shot, in
styles and with exemplars that are given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any
import zlib

import numpy as np
import pytest
from support.flan import reference
from support.flan.suites import Sample, samples

from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.rendering import (
  Instances,
  OwnTemplates,
  Pool,
  Renderer,
  prepare,
)
from ul2_flan.tasks.rendering.instances.prepare import Prepared
from ul2_flan.tasks.rendering.released.columns import Styles, fill
from ul2_flan.tasks.rendering.released.few_shot import add_exemplars, ask
from ul2_flan.tasks.rendering.styles.released_styles import Released

CHECKOUT = os.environ.get('UL2_FLAN_CHECKOUT', '')

# We refuse a row of ReCoRD whose query begins with its blank. One task of NIv2
# has another good example in FLAN's file.
KNOWN = {'record': 20, 'niv2:task033_winogrande_answer_generation': 60}

KINDS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt', 'mixed')

# Exemplars of an example: the rows that follow its own.
EXEMPLARS = 5

Pairs = dict[int, set[tuple[str, str]]]


@pytest.fixture(scope='module')
def templates(tmp_path_factory: pytest.TempPathFactory) -> OwnTemplates:
  if not CHECKOUT:
    pytest.skip('UL2_FLAN_CHECKOUT names no checkout of google-research/FLAN')
  out = str(tmp_path_factory.mktemp('flan') / 'templates')
  list(import_templates(CHECKOUT, out))
  return OwnTemplates.read(out)


def prepared(templates: OwnTemplates, sample: Sample) -> Prepared:
  """Returns the instances of a sample's rows."""
  task = templates.family(sample.tasks[0]).task(sample.tasks[0])
  return prepare(
    sample.ours,
    np.arange(1, len(sample.ours) + 1, dtype=np.uint64),
    task=task,
    source=task.sources[sample.tasks[0].sources.index(sample.source)],
    seed=0,
  )


def exemplars_of(made: Prepared) -> dict[int, list[int]]:
  """Returns for each row that is used which rows are its exemplars."""
  rows = made.row
  return {
    row: [rows[(i + 1 + j) % len(rows)] for j in range(EXEMPLARS)]
    for i, row in enumerate(rows)
  }


def style_of(released: Released, name: str) -> list[int]:
  """Returns a style of options, another for each task."""
  start = zlib.crc32(name.encode())
  lists = released.option_openings, released.option_items
  sizes = [*map(len, lists), len(released.option_endings)]
  return [start % size for size in sizes]


def made_by_flan(given: dict[str, list[Any]]) -> dict[str, list[Any]]:
  """Returns what FLAN's code makes of the rows; see `reference`."""
  done = subprocess.run(
    [sys.executable, reference.__file__],
    input=json.dumps(given),
    capture_output=True,
    text=True,
    env={**os.environ, 'PYTHONPATH': CHECKOUT, 'TF_CPP_MIN_LOG_LEVEL': '3'},
  )
  assert done.returncode == 0, done.stderr
  made: dict[str, list[Any]] = json.loads(done.stdout)
  return made


def made_by_us(
  templates: OwnTemplates,
  task: Task,
  made: Prepared,
  style: list[int],
  kind: str,
) -> Pairs:
  """Returns each row's inputs and targets by each template."""
  setting = 'fs_opt' if kind == 'mixed' else kind
  renderer = Renderer.of(task, setting, templates, as_released=True, seed=0)
  released = renderer.released
  assert released
  whole = made.instances.as_source(renderer.family.as_source)
  pool = Pool.of(renderer.family, whole)
  pairs: Pairs = defaultdict(set)
  for indices, part in whole.by_fields():
    for texts in _texts(renderer, part, indices, pool, kind, style):
      for i, text in zip(indices.tolist(), texts, strict=True):
        pairs[made.row[i]].add(text)
  return pairs


def _texts(
  renderer: Renderer,
  part: Instances,
  indices: Int64s,
  pool: Pool,
  kind: str,
  style: list[int],
) -> Iterator[list[tuple[str, str]]]:
  """Yields inputs and targets of instances in each form of a kind."""
  released = renderer.released
  assert released
  few_shot = renderer.setting.few_shot
  try:
    forms = renderer.forms(part, pool if few_shot else None)
  except UserError:
    return  # NIv2 has none without options
  fixed = styles = Styles.fixed(released)
  if not renderer.task.flan.fixed_options:
    styles = Styles([released.option_style(*style)], fixed.turns)
  count, size = len(part), len(pool.instances)
  for number, form in enumerate(forms.forms):
    if not few_shot:
      texts = fill(form, part, range(count), styles)
      yield [*zip(*texts, strict=True)]
    elif (kind == 'mixed') == (form.separator is None):
      shown = EXEMPLARS if kind == 'mixed' else reference.FEW
      picked = [
        [(i + 1 + j) % size for j in range(shown * bool(form.exemplars))]
        for i in indices.tolist()
      ]
      examples = ask(part, forms, np.full(count, number), fixed, '\n')
      starts = np.full(count, number - forms.repeats)
      add_exemplars(examples, picked, pool, forms, fixed, starts)
      yield [(e.inputs, e.target) for e in examples]


def test_examples_are_those_of_flan(
  templates: OwnTemplates, shared_data: Path
) -> None:
  """At least 99% of the pairs of row and pattern, in each suite and kind."""
  released = templates.released
  assert released
  given: dict[str, list[Any]] = {}
  known: dict[str, tuple[Sample, Prepared, list[int]]] = {}
  for sample in samples(shared_data):
    made = prepared(templates, sample)
    # One instance a row: their order is that of the rows.
    assert len({*made.row}) == len(made.row)
    style = style_of(released, sample.name)
    exemplars = exemplars_of(made)
    given[sample.name] = [
      {'row': row, 'style': style, 'exemplars': exemplars.get(i, [])}
      for i, row in enumerate(sample.theirs)
    ]
    known[sample.name] = sample, made, style
  total: Counter[tuple[str, str]] = Counter()
  other: Counter[tuple[str, str]] = Counter()
  names: Counter[str] = Counter()
  for name, rows in made_by_flan(given).items():
    sample, made, style = known[name]
    for kind in KINDS:
      ours: Pairs = defaultdict(set)
      for task in sample.tasks:
        of_task = made_by_us(templates, task, made, style, kind)
        for row, pairs in of_task.items():
          ours[row] |= pairs
      for row, by_kind in enumerate(rows):
        theirs = (by_kind or {}).get(kind, [])
        # Where FLAN filters a row, so do we.
        assert by_kind or not ours[row]
        differ = sum((a, b) not in ours[row] for a, b in theirs)
        total[sample.tasks[0].suite, kind] += len(theirs)
        other[sample.tasks[0].suite, kind] += differ
        names[name] += differ
  assert +names == KNOWN
  shares = {key: other[key] / count for key, count in total.items() if count}
  print({key: f'{total[key]} {share:.2%}' for key, share in shares.items()})
  assert len(shares) == 12
  assert max(shares.values()) < 0.01
