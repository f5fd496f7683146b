"""A person reads what became of every document and token."""

from pathlib import Path

from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.ul2.summary import Ul2Summary

COUNTS = Counts(
  {
    'documents': {
      'rejected/not_text': 1,
      'read': 12,
      'dropped/too_short': 2,
      'used': 9,
    },
    'tokens': {'read': 5000, 'unknown': 3, 'used': 4000},
  }
)


def test_counts_stand_in_the_order_of_the_work(tmp_path: Path):
  summary = Ul2Summary(plan_of_sizes([1]), str(tmp_path))
  summary.add({}, COUNTS)
  _, documents, tokens = summary.text({}).split('\n\n')
  rows = [tuple(line.rsplit(maxsplit=1)) for line in documents.splitlines()[1:]]
  assert rows == [
    ('read', '12'),
    ('used', '9'),
    ('dropped: too short', '2'),
    ('rejected: not text', '1'),
  ]
  assert [line.split()[-1] for line in tokens.splitlines()[1:]] == [
    *('5,000', '4,000', '3')
  ]


def test_a_quarantine_is_named_if_there_is_one(tmp_path: Path):
  (tmp_path / 'quarantine').mkdir()
  summary = Ul2Summary(plan_of_sizes([1]), str(tmp_path))
  assert 'quarantine' not in summary.text({})
  (tmp_path / 'quarantine/item-000000.jsonl').touch()
  assert "the folder 'quarantine'" in summary.text({})
  # An output that is moved keeps the summary that its manifest knows.
  assert str(tmp_path) not in summary.text({})
