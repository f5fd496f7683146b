"""No document and no token of a UL2 run is lost."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import Budget, Counts
from ul2_flan.pipelines.ul2 import accounts
from ul2_flan.pipelines.ul2.accounts import Ul2Accounts
from ul2_flan.tasks.errors import UserError

PLAN = plan_of_sizes([1])
AMOUNTS = st.integers(0, 1000)


@st.composite
def balanced(draw: Callable[..., int]) -> Counts:
  """Counts as work items leave them."""
  counts = Counts()
  for name in ('used', 'dropped/empty', 'dropped/too_long', 'rejected/bad'):
    n = draw(AMOUNTS)
    counts.add(f'documents/{name}', n)
    counts.add('documents/read', n)
  for name in ('used', 'dropped/remainder', 'dropped/too_short'):
    n = draw(AMOUNTS)
    counts.add(f'tokens/{name}', n)
    counts.add('tokens/read', n)
  rest = counts['tokens/used']
  for split in ('train', 'validation'):
    n = draw(st.integers(0, rest))
    rest -= n
    counts.add(f'ul2r/data/{split}/r/source_tokens', n)
  counts.add('ul2r/data/train/s/source_tokens', rest)
  return counts


@given(counts=balanced())
def test_balanced_accounts_are_taken(counts: Counts):
  Ul2Accounts.check(counts)
  seen = accounts.records(counts)
  assert seen['read'] == counts['documents/used'] + sum(
    seen[k] for k in ('dropped', 'rejected')
  )


@given(
  counts=balanced(),
  name=st.sampled_from(
    [
      'documents/read',
      'documents/used',
      'documents/dropped/empty',
      'tokens/read',
      'tokens/dropped/remainder',
      'ul2r/data/train/r/source_tokens',
    ]
  ),
)
def test_one_that_is_lost_is_missed(counts: Counts, name: str):
  counts.add(name)
  with pytest.raises(AssertionError, match='the accounts do not add up'):
    Ul2Accounts.check(counts)


def ended(read: int, rejected: int, fraction: float, tokens: int = 5) -> None:
  counts = Counts()
  counts.add('documents/read', read)
  counts.add('documents/rejected/bad_json', rejected)
  counts.add('documents/used', read - rejected)
  for name in ('tokens/read', 'tokens/used', 'g/data/train/r/source_tokens'):
    counts.add(name, tokens)
  made = Ul2Accounts(PLAN, Budget(fraction))
  made.close('g', counts)
  made.end(Counts(), 'out')


@given(read=st.integers(1, 50), rejected=st.integers(0, 50))
def test_rejects_have_a_budget(read: int, rejected: int):
  rejected = min(rejected, read)
  if rejected <= 0.5 * read:
    ended(read, rejected, 0.5)
  else:
    with pytest.raises(UserError, match=f'^{rejected} of {read} records were'):
      ended(read, rejected, 0.5)


def test_a_person_learns_why_and_what_to_do():
  with pytest.raises(UserError) as error:
    ended(10, 3, 0.1)
  said = str(error.value)
  assert '(3 bad_json), more than --max_reject_fraction 0.1' in said
  assert 'kept in out/quarantine. Mend the source, or run the same' in said


def test_a_run_without_an_example_fails():
  with pytest.raises(UserError, match=r'no example was made of 4 .*: none'):
    ended(4, 0, 1.0, tokens=0)
