"""Tables of tasks are aligned, and say what is not known."""

from __future__ import annotations

import dataclasses

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.listing import describe, listing

BOOL_Q = catalog.load('flan2021:bool_q')


def test_columns_are_aligned_and_lines_have_no_spaces_at_their_ends() -> None:
  tasks = list(catalog.tasks(suite='niv2'))
  header, *lines, blank, count = listing(tasks)
  at = header.index('source')
  assert all(line[at - 1] == ' ' and line[at] != ' ' for line in lines)
  assert [line.split()[0] for line in lines] == [task.name for task in tasks]
  assert not any(line != line.rstrip() for line in lines)
  assert blank == ''
  assert count.startswith('1,556 tasks, ')


def test_a_long_cell_is_cut_but_a_name_is_not() -> None:
  name = f'flan2021:{"x" * 100}'
  long = dataclasses.replace(BOOL_Q, name=name, category='word ' * 20)
  _, line, _, _ = listing([long])
  assert name in line
  cell = line[line.index('word') : line.index('…') + 1]
  assert len(cell) == 44
  assert 'word ' * 20 not in line


def test_one_task_whose_examples_are_not_counted() -> None:
  *_, count = listing([dataclasses.replace(BOOL_Q, examples=0)])
  assert count == '1 task, whose examples are not counted'


def test_a_task_is_described_by_what_is_known() -> None:
  lines = list(describe(BOOL_Q))
  assert lines[0] == 'flan2021:bool_q'
  assert '  cap          30,000' in lines
  assert '  labels       no, yes' in lines
  bare = catalog.unlisted('niv2', 'mine')
  lines = list(describe(bare))
  assert '  licence      unknown' in lines
  assert '  examples     not known' in lines
  assert '  left out     unlisted' in lines
  assert not any(line.startswith('  category') for line in lines)
