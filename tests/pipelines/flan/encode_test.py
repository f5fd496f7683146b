"""Lengths in tokens are right, and what does not fit is dropped."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.flan import encode as encode_lib
from ul2_flan.pipelines.flan import render
from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.task_sources import RowBlock
from ul2_flan.tasks import records
from ul2_flan.tasks.rendering import Charset, Rendered
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 64, 'targets': 64, 'inputs_eos': True}
TEXTS = st.lists(st.text('ab c', max_size=9), max_size=9)


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path: str) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


@given(calls=st.lists(TEXTS, max_size=6), limit=st.integers(0, 40))
def test_counts_are_those_of_the_vocabulary(
  vocabulary: Vocabulary, calls: list[list[str]], limit: int
) -> None:
  encoder = encode_lib.Encoder(
    vocabulary, Charset(), LENGTHS, provenance=False, keep_text=False
  )
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(encode_lib, '_KNOWN_CHARS', limit)
    for texts in calls:
      counts = encoder.count_tokens(texts)
      assert counts == encoder.count_new_tokens(texts)
      assert counts == [len(vocabulary.encode(text)) for text in texts]
      # What is kept is bounded, but for the texts of the last call.
      kept = sum(map(len, encoder._known))
      assert kept <= max(limit, sum(map(len, texts)))


@given(texts=st.lists(st.text('ab ؟ج', min_size=1, max_size=9), max_size=9))
def test_targets_of_unknown_tokens_alone_are_dropped(
  vocabulary: Vocabulary, texts: list[str]
) -> None:
  encoder = encode_lib.Encoder(
    vocabulary, Charset(), LENGTHS, provenance=False, keep_text=True
  )
  counts, each = Counts(), len(texts)
  (batch,) = encoder.encode(
    {
      'a': Rendered(
        np.arange(each), texts, texts, {}, {'template': [''] * each}
      )
    },
    np.arange(each, dtype=np.uint64),
    np.zeros(each, np.bool_),
    code=False,
    places=[''] * each,
    counts=counts,
  )
  FlanAccounts.check(counts)
  made = [records.decode_example(record) for record in batch.records]
  kept = [e['targets_pretokenized'][0].decode() for e in made]
  assert kept == [text for text in texts if set(text) & {*'ab'}]
  blank = sum(not text.strip() for text in texts)
  lost = counts['a/dropped/targets_unknown']
  assert lost == len(texts) - len(kept) - blank
  for side in ('inputs', 'targets'):
    ids = [i for example in made for i in example[side]]
    assert counts[f'a/unknown/{side}'] == ids.count(vocabulary.unk_id)


def test_what_is_too_long_is_dropped_and_counted(context_of):
  context = context_of('cot:gsm8k', targets_length=12)
  rows = [
    {'question': f'What is {n}?', 'answer': '5', 'chain_of_thought': 'a ' * n}
    for n in range(1, 13)
  ]
  keys = np.arange(len(rows), dtype=np.uint64)
  block = RowBlock('file', rows, keys, list(range(len(rows))))
  selection = context.selector.select([('train', block)], exemplars=False)
  counts = Counts()
  made = render.instances_of(context, selection, 'train', block, counts)
  (batch,) = render.render(context, *made[:2], None, made[2], counts)
  FlanAccounts.check(counts)
  (data_set,) = context.data_sets
  lost = counts[f'{data_set}/dropped/targets_too_long']
  assert 0 < lost < len(rows) == lost + len(batch.records)
  lengths = [
    len(records.decode_example(record)['targets']) for record in batch.records
  ]
  # One token less than the feature has, for EOS.
  assert max(lengths) <= 11
  assert counts[f'{data_set}/data/train/all/targets_tokens'] == sum(lengths)
  longest = counts.maxima[data_set]['data/train/all/targets_max_tokens']
  assert longest == max(lengths)
