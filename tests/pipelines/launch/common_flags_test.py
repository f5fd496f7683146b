"""Flags that several commands have mean the same in each."""

import pytest

from ul2_flan.pipelines.launch.kind import KINDS, kind_of

SHARED = ('vocabulary', 'extra_ids', 'eos', 'shard_mb', 'min_shards', 'seed')


def test_what_commands_share_has_one_type_and_one_default():
  shared = {}
  for kind in map(kind_of, KINDS):
    for group in kind.all_flags:
      for flag in group.flags:
        if flag.name in SHARED:
          kinds_of = shared.setdefault(flag.name, set())
          kinds_of.add((flag.type, group.default(flag)))
  assert set(shared) == set(SHARED)
  assert all(len(meanings) == 1 for meanings in shared.values())


@pytest.mark.parametrize(
  'kind', [*map(kind_of, KINDS)], ids=lambda kind: kind.name
)
def test_no_command_has_a_flag_twice(kind):
  names = [f.name for g in kind.all_flags for f in g.flags]
  assert len(names) == len(set(names))
