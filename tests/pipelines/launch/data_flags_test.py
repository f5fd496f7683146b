"""Flags that several commands have."""

import argparse

import pytest

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.launch import data_flags
from ul2_flan.tasks.errors import UserError


def test_what_commands_share_means_the_same_in_each():
  found = {}
  for module in (ul2, flan, mix):
    for action in module.make_parser()._actions:
      if action.dest in ('vocabulary', 'extra_ids', 'shard_mb', 'min_shards'):
        found.setdefault(action.dest, set()).add((action.type, action.default))
  assert len(found) == 4
  assert all(len(kinds) == 1 for kinds in found.values())


@pytest.mark.parametrize('given', ['inf', 'nan'])
def test_a_shard_has_a_size(given: str):
  args = argparse.Namespace(shard_mb=float(given))
  with pytest.raises(UserError, match=f'--shard_mb is {given}'):
    data_flags.shard_bytes(args)
