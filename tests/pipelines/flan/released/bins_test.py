"""Each data set of a dump has a bin in each part of its task."""

from support.plans import plan_of

from ul2_flan.pipelines.flan.released.bins import Bins, has_dump, is_released


def test_bins_are_numbered_by_work_item(flags):
  plan = plan_of('flan', flags())
  bins = Bins.of(plan)
  assert has_dump(plan)
  assert is_released(plan, 'cot:gsm8k')
  assert not is_released(plan, 'released')
  assert sorted(bins.item_of.tolist()) == bins.item_of.tolist()
  numbers = [n for its in bins.of_data_set.values() for n in its]
  assert sorted(numbers) == list(range(len(bins.item_of)))
  (part,) = plan.parts('cot:gsm8k')
  number = bins.of_part(part, 'flan:cot:gsm8k:fs_opt')
  assert part in plan.items[bins.item_of[number]].parts
