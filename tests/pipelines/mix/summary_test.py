"""The summary of a mix run counts every member and example once."""

import re

import pytest

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.mix.summary import MixSummary
from ul2_flan.pipelines.run import Counts, Plan

LABELS = 'not at all|once at most|twice at most|up to ten times|more often'


def lines_of(text: str) -> dict[str, tuple[int, int]]:
  """Members and examples of the training split, by how often they are used."""
  lines = re.findall(rf'^train +({LABELS}) +(\d+) +([\d,]+)$', text, re.M)
  return {k: (int(a), int(b.replace(',', ''))) for k, a, b in lines}


def told(members, epochs: int = 1) -> dict[str, tuple[int, int]]:
  """What a summary says of members with so many examples and uses."""
  named = {f'm{i}': (0, n, count) for i, (n, count) in enumerate(members)}
  config = {
    'members': {'train': named},
    'splits': {'train': {'epochs': epochs}},
  }
  summary = MixSummary(
    Plan('mix', config, (), {}, {}, {'features': {}}), 'output'
  )
  return lines_of(summary.text({}))


@pytest.mark.parametrize(
  ('examples', 'count', 'epochs', 'label'),
  [
    (9, 0, 1, 'not at all'),
    (9, 9, 1, 'once at most'),
    (9, 3, 3, 'once at most'),
    (9, 10, 1, 'twice at most'),
    (9, 18, 1, 'twice at most'),
    (9, 19, 1, 'up to ten times'),
    (9, 9, 11, 'more often'),
  ],
)
def test_a_member_counts_by_its_most_used_example(
  examples, count, epochs, label
):
  assert told([(examples, count)], epochs) == {label: (1, count * epochs)}


def test_members_and_examples_add_up():
  lines = told([(10, 0), (10, 5), (10, 10), (10, 25), (3, 300)])
  assert sum(members for members, _ in lines.values()) == 5
  assert sum(examples for _, examples in lines.values()) == 340
  assert lines['once at most'] == (2, 15)


def test_packed_sequences_say_how_full_they_are():
  config = {'members': {}, 'splits': {}}
  plan = Plan('mix', config, (), {}, {}, {'features': {}})
  counts = Counts()
  counts.add('packing/train/inputs/tokens', 1995)
  counts.add('packing/train/inputs/room', 2000)
  summary = MixSummary(plan, 'output')
  assert 'packed' not in summary.text({})
  summary.add({}, counts)
  assert re.search(r'train +inputs +1,995 +99\.8%', summary.text({}))


def test_a_run_tells_what_it_made(flags, tmp_path):
  assert mix.main(flags('out', '--pack=lm', '--local_workers=1')) == 0
  text = (tmp_path / 'out/summary.txt').read_text()
  assert re.search(r'^flan2022_b_packed +train', text, re.M)
  uses = lines_of(text)
  assert sum(examples for _, examples in uses.values()) == 700
  assert re.search(r'^train +targets +[\d,]+ +\d+\.\d%$', text, re.M)
