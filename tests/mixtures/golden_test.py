"""Names and rates of all that is shipped, over the whole collection.

After a change that is meant, `python tests/mixtures/golden_test.py` writes the
file anew; its difference is what the change does to everybody's mixtures.
"""

from collections.abc import Iterator
import hashlib
import math
from pathlib import Path

from ul2_flan.mixtures.definition import load, shipped
from ul2_flan.mixtures.resolve import Member, resolve

GOLDEN = Path(__file__).with_name('golden.txt')


def _group(member: Member) -> tuple[str, str, str]:
  return member.part, member.task.split(':')[0], member.setting


def lines() -> Iterator[str]:
  """By mixture, part, suite and setting; a digest stands for the members."""
  from support.collection_runs import flan_run, ul2_run

  presets = ('ul2r', 'ul2', 'ul2_appendix', 'pile_t5', 'causal_lm')
  runs = [flan_run(), *map(ul2_run, presets)]
  for name in shipped():
    resolved = resolve(load(name), runs)
    digest = hashlib.sha256()
    groups: dict[tuple[str, str, str], list[Member]] = {}
    for member in resolved.members:
      digest.update(f'{member.data_set} {member.rate:.10g}\n'.encode())
      groups.setdefault(_group(member), []).append(member)
    members = f'{len(resolved.members)} members'
    yield f'{name}: {members}, {digest.hexdigest()[:16]}'
    for group, found in groups.items():
      least, most = (
        f(found, key=lambda m: (m.rate, m.data_set)) for f in (min, max)
      )
      yield (
        f'  {" ".join(filter(None, group))}: {len(found)}, '
        f'{math.fsum(m.rate for m in found):.8f} '
        f'(without caps {math.fsum(m.uncapped for m in found):.8f})'
      )
      for member in dict.fromkeys((least, most)):
        yield f'    {member.data_set} {member.rate:.6g}'


def test_names_and_rates_are_those_of_the_golden_file():
  assert list(lines()) == GOLDEN.read_text().splitlines()


if __name__ == '__main__':
  import sys

  sys.path.insert(0, str(GOLDEN.parents[1]))
  GOLDEN.write_text('\n'.join(lines()) + '\n')
