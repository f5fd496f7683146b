"""Routing loses no row: it is in a bin, dropped or rejected."""

from support.plans import plan_of
from support.task_sources import released

from ul2_flan.pipelines.flan.released.bins import Bins
from ul2_flan.pipelines.flan.released.route import route, sources_of
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.contract import Scratch


def test_segments_change_no_row(flags, routed):
  plan, worker = routed()
  bins = Bins.of(plan)
  (part,) = plan.parts('released')
  assert len(sources_of(part)) == 2
  few = [r for r in route(part, bins, Counts()) if isinstance(r, Scratch)]
  many = [r for r in route(part, bins, Counts(), 99) if isinstance(r, Scratch)]
  assert len(many) > 2 * len(few)
  rows = {
    number: [
      row for _, b in worker._routed.rows(number) for row in b.to_pylist()
    ]
    for number in range(len(bins.item_of))
  }
  assert sum(map(len, rows.values())) == 30 * 8
  by_name = {n: name for name, its in bins.of_data_set.items() for n in its}
  for number, its in rows.items():
    task, _, setting = by_name[number].rpartition(':')
    spelled = [k for k, v in released.TASKS.items() if v == task]
    assert all(f'of {spelled[0]} as {setting}' in r['inputs'] for r in its)


def test_rows_that_nobody_asked_for_are_counted(flags):
  plan = plan_of('flan', flags('out', '--tasks=cot:gsm8k'))
  counts = Counts()
  for part in plan.parts('released'):
    list(route(part, Bins.of(plan), counts))
  assert counts.sums['released'] == {
    'read': 180, 'dropped/not_wanted': 180
  }  # fmt: skip
