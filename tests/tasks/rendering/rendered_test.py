"""Examples of parts of a block come together in its order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.rendering.rendered import Rendered, merge


def _part(members: list[int], rejected: set[int]) -> Rendered:
  """Makes an example of each member that is not rejected, and counts from 0."""
  kept = [j for j, i in enumerate(members) if i not in rejected]
  lost = [j for j, i in enumerate(members) if i in rejected]
  texts = [f'{members[j]}' for j in kept]
  return Rendered(
    np.array(kept, np.int64),
    texts,
    [text + '!' for text in texts],
    {'bad': lost} if lost else {},
    {'template': texts},
  )


@given(
  st.lists(st.sampled_from([0, 1, 2, 3]), max_size=20),
  st.sets(st.integers(0, 19)),
)
def test_nothing_is_lost_and_all_is_in_order(
  part_of: list[int], rejected: set[int]
) -> None:
  """Part 3 stands for instances that were left out before."""
  groups = [[i for i, p in enumerate(part_of) if p == k] for k in range(4)]
  merged = merge(
    [(np.array(g, np.int64), _part(g, rejected)) for g in groups[:3]],
    {'out': groups[3]},
  )
  expected = [i for i, p in enumerate(part_of) if p < 3 and i not in rejected]
  assert merged.index.tolist() == expected
  assert merged.inputs == [str(i) for i in expected]
  assert merged.targets == [f'{i}!' for i in expected]
  assert merged.draws == {'template': merged.inputs}
  lost = [i for i, p in enumerate(part_of) if p < 3 and i in rejected]
  assert merged.rejects.get('bad', []) == lost
  assert merged.rejects['out'] == groups[3]
  assert len(merged) == len(expected)


def test_a_draw_that_a_part_lacks_is_none() -> None:
  first = Rendered(np.array([0]), ['a'], ['b'], {}, {'template': ['t']})
  second = Rendered(
    np.array([0]), ['c'], ['d'], {}, {'template': ['u'], 'options': ['o']}
  )
  merged = merge([(np.array([1]), first), (np.array([0]), second)])
  assert merged.inputs == ['c', 'a']
  assert merged.draws == {'options': ['o', None], 'template': ['u', 't']}
