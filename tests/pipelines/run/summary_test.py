"""The summary has a line for each split, and the sizes of its shards."""

from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.summary import WholeSummary
from ul2_flan.tasks.manifest import Shard, Split


def split(examples: int, shards: int) -> Split:
  made = tuple(Shard(f's{i}', 1, 600, '0badcafe') for i in range(shards))
  return Split(made, {'examples': examples, 'inputs_tokens': 7 * examples})


def test_every_split_has_a_line():
  summary = WholeSummary(plan_of_sizes([1]), 'out')
  made = {'g:a': {'train': split(1200, 2), 'validation': split(3, 1)}}
  summary.add(made, Counts())
  summary.add({'g:b': {'train': split(5, 1)}}, Counts())
  summary.add({}, Counts())
  assert summary.text({}).splitlines() == [
    'data set       split  shards  examples  inputs tokens  targets tokens   '
    'bytes',
    'g:a            train       2     1,200          8,400               0  '
    '1.2 kB',
    'g:a       validation       1         3             21               0   '
    '600 B',
    'g:b            train       1         5             35               0   '
    '600 B',
  ]


def test_packed_features_have_no_columns():
  known = {'features': {'encoder_input_tokens': {}}}
  summary = WholeSummary(plan_of_sizes([1], manifest=known), 'out')
  summary.add({'g:a': {'train': split(2, 1)}}, Counts())
  assert 'tokens' not in summary.text({})
