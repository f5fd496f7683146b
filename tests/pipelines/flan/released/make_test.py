"""Caps, held-out rows and duplicates, for each data set by itself."""

from support.task_sources import released

from ul2_flan.pipelines.flan.released import divide
from ul2_flan.pipelines.run import Batch, Counts


def made(routed, *more: str):
  plan, worker = routed('out', *more)
  counts, found = Counts(), []
  for item in plan.items:
    for part in item.parts:
      if part.group != 'released':
        for result in worker.results(part, counts):
          assert isinstance(result, Batch)
          names = plan.groups[part.group].data_sets
          found += zip(
            (names[i] for i in result.data_set.tolist()),
            result.keys.tolist(),
            result.is_validation.tolist(),
            strict=True,
          )
  return found, counts, plan


def test_a_cap_keeps_the_same_rows_however_a_task_is_divided(
  routed, monkeypatch
):
  cap = ['--cap=12', '--validation_cap=2']
  whole, counts, plan = made(routed, *cap)
  assert max(group.parts for group in plan.groups.values()) == 1
  assert counts['cot:gsm8k/read'] == 60
  assert counts['cot:gsm8k/used'] + counts['cot:gsm8k/dropped/over_cap'] == 60
  of_one = [held for name, _, held in whole if name == 'flan:cot:gsm8k:zs_opt']
  assert of_one.count(False) == 12
  assert of_one.count(True) <= 2
  monkeypatch.setattr(divide, 'ITEM_BYTES', 400)
  parts, _, plan = made(lambda _, *m: routed('parts', *m), *cap)
  assert plan.groups['cot:gsm8k'].parts > 1
  assert sorted(parts) == sorted(whole)


def test_a_row_that_is_there_twice_counts_once(routed, dump, tmp_path):
  twice = tmp_path / 'twice'
  released.write_submix(twice, [*released.rows(), *released.rows(5)])
  _, once, _ = made(routed)
  _, counts, _ = made(
    lambda _, *m: routed('both', *m), f'--source=released={twice}'
  )
  # Both dumps are read: all rows of the first are in the second too.
  assert counts['cot:gsm8k/read'] == 60 + 60 + 10
  assert counts['cot:gsm8k/dropped/duplicate'] == 60 + 10
  assert counts['cot:gsm8k/used'] == once['cot:gsm8k/used']
