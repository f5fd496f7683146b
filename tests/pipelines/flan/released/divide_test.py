"""First the work items that route, then those that make examples."""

from support.plans import plan_of

from ul2_flan.pipelines.flan.released import divide


def test_items_of_the_first_step_come_first(flags, monkeypatch):
  monkeypatch.setattr(divide, 'ITEM_BYTES', 400)
  plan = plan_of('flan', flags())
  routing = len(plan.parts('released'))
  assert [item.index for item in plan.items] == list(range(len(plan.items)))
  for item in plan.items:
    (first, *_) = item.parts
    assert (first.group == 'released') == (item.index < routing)
  group = plan.groups['cot:gsm8k']
  parts = plan.parts('cot:gsm8k')
  assert group.parts == len(parts) > 1
  assert group.shards == sum(part.num_shards for part in parts)
  assert [part.first_shard for part in parts] == [
    i * parts[0].num_shards for i in range(len(parts))
  ]
  assert not any(part.pieces for part in parts)
