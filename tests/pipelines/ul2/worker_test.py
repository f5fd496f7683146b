"""Blocks become examples: no token is lost, and grouping changes nothing."""

from collections import Counter
import dataclasses
import hashlib
import itertools
import operator
from pathlib import Path
import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.corpora import prose

from ul2_flan.pipelines.run import Batch, Counts, Group, Plan, Progress
from ul2_flan.pipelines.sources import DocumentBlock, Reject, SourceOptions
from ul2_flan.pipelines.ul2 import worker as worker_lib
from ul2_flan.pipelines.ul2.accounts import Ul2Accounts
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising, records
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged

TEXTS = prose(24, 150)


def worker_of(
  path: str,
  names: tuple[str, ...] = ('ul2r',),
  extra_ids: int | None = 100,
  join: int = 0,
  **changes: object,
) -> Ul2Worker:
  options = dataclasses.asdict(SourceOptions())
  config = {
    'source_options': options,
    'vocabulary': {
      'path': path,
      'sha256': hashlib.sha256(Path(path).read_bytes()).hexdigest(),
      'extra_ids': extra_ids,
    },
    'denoisers': denoising.preset_text('ul2r').replace(
      'join_documents = 128', f'join_documents = {join}'
    ),
    'lengths': {'inputs': 64, 'targets': 64},
    'mode_tokens': 'nlu_s2s_nlg',
    'seed': 0,
    'min_tokens': 16,
    'max_document_chars': 0,
    'validation_fraction': 0.1,
    'provenance': False,
  }
  groups = {'ul2r': Group(names, 1, 1, 0)}
  return Ul2Worker(Plan('ul2', {**config, **changes}, (), groups, {}, {}))


def block_of(texts: list[str]) -> DocumentBlock:
  places = [1000 * i for i in range(len(texts))]
  return DocumentBlock('a.jsonl', texts=texts, places=places)


def examples_of(
  worker: Ul2Worker, blocks: list[DocumentBlock]
) -> tuple[list[tuple[bytes, int, int, bool]], list[Reject], Counts]:
  """All examples as (record, key, data set, in validation), and the rest."""
  rows, rejects, counts = [], [], Counts()
  for result in worker.examples(blocks, counts):
    if isinstance(result, Batch):
      rows += zip(
        result.records,
        result.keys.tolist(),
        result.data_set.tolist(),
        result.is_validation.tolist(),
        strict=True,
      )
    elif not isinstance(result, Progress):
      rejects += result
  return rows, rejects, counts


@given(
  cuts=st.lists(st.integers(0, len(TEXTS)), max_size=4),
  at_once=st.sampled_from([1, 100, 1 << 20]),
  join=st.sampled_from([0, 1, 3, 128]),
)
@settings(max_examples=20)
def test_grouping_changes_no_example(vocabulary_path: str, cuts, at_once, join):
  worker = worker_of(vocabulary_path, join=join, validation_fraction=0.2)
  together, _, counts = examples_of(worker, [block_of(TEXTS)])
  bounds = [0, *sorted(cuts), len(TEXTS)]
  groups = [block_of(TEXTS[a:b]) for a, b in itertools.pairwise(bounds)]
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(worker_lib, '_TOKENS_AT_ONCE', at_once)
    apart, _, counts_apart = examples_of(worker, groups)
  # Training and validation examples go to files of their own.
  by_split = operator.itemgetter(3)
  assert sorted(apart, key=by_split) == sorted(together, key=by_split)
  assert counts_apart == counts


@given(
  lengths=st.lists(st.integers(0, 900), max_size=8),
  min_tokens=st.integers(2, 50),
  join=st.sampled_from([0, 2, 3]),
)
@example(lengths=[0, 0, 463, 6], min_tokens=4, join=0)
@settings(max_examples=30)
def test_the_accounts_add_up_and_tokens_come_back(
  vocabulary_path: str, lengths, min_tokens, join
):
  worker = worker_of(
    vocabulary_path,
    join=join,
    min_tokens=min_tokens,
    mode_tokens='none',
    validation_fraction=0.0,
  )
  texts = [TEXTS[i][:n] for i, n in enumerate(lengths)]
  rows, _, counts = examples_of(worker, [block_of(texts)])
  Ul2Accounts.check(counts)
  examples = [records.decode_example(row[0]) for row in rows]
  restored = denoising.restore(
    Ragged.of([e['inputs'] for e in examples]),
    Ragged.of([e['targets'] for e in examples]),
    worker.vocabulary.sentinels,
  )
  assert counts['tokens/used'] == len(restored.values)
  # Each group's tokens, but for its remainder, stand one after the other. A
  # remainder may read like what follows it, so there may be several ways.
  documents = worker.vocabulary.encode_block([t for t in texts if t.strip()])
  groups = (
    list(documents)
    if not join
    else [
      np.concatenate(list(documents.slice(i, min(i + join, len(documents)))))
      for i in range(0, len(documents), join)
    ]
  )
  flat = restored.values.tolist()
  ends = {0}
  for document in (d.tolist() for d in groups if len(d) >= min_tokens):
    ends = {
      at + n
      for at in ends
      for n in range(len(document) - min_tokens + 1, len(document) + 1)
      if flat[at : at + n] == document[:n]
    }
  assert len(flat) in ends


def test_records_do_not_hold_eos_and_fit_the_features(vocabulary_path: str):
  worker = worker_of(vocabulary_path)
  rows, _, counts = examples_of(worker, [block_of(TEXTS)])
  longest = Counter[str]()
  for row in rows:
    for name, ids in records.decode_example(row[0]).items():
      assert worker.vocabulary.eos_id not in ids
      longest[name] = max(longest[name], len(ids))
  # 63 and EOS: the features are filled.
  assert longest['inputs'] == 63
  assert 50 < longest['targets'] <= 63
  assert counts.maxima['ul2r']['data/train/r_3_15/inputs_max_tokens'] == 63


def test_a_data_set_for_each_denoiser(vocabulary_path: str):
  names = ('a', 'b', 'c', 'd')
  rows, _, counts = examples_of(
    worker_of(vocabulary_path, names), [block_of(TEXTS)]
  )
  mixed, _, _ = examples_of(worker_of(vocabulary_path), [block_of(TEXTS)])
  assert [r[0] for r in rows] == [r[0] for r in mixed]
  assert {r[2] for r in mixed} == {0}
  found = Counter(r[2] for r in rows)
  for i, (name, denoiser) in enumerate(
    zip(names, denoising.load_preset('ul2r').denoisers, strict=True)
  ):
    where = [
      f'{name}/data/{s}/{denoiser.name}' for s in ('train', 'validation')
    ]
    assert found[i] == sum(counts[f'{w}/examples'] for w in where) > 0


def test_a_document_is_in_one_split(vocabulary_path: str):
  worker = worker_of(vocabulary_path, provenance=True, validation_fraction=0.5)
  rows, _, _ = examples_of(worker, [block_of(TEXTS)])
  splits: dict[bytes, set[bool]] = {}
  for record, key, _, validation in rows:
    example = records.decode_example(record)
    assert example['provenance/key'] == [b'%016x' % key]
    (source,) = example['provenance/source']
    splits.setdefault(source, set()).add(validation)
  assert set(splits) == {b'a.jsonl:%d' % (1000 * i) for i in range(len(TEXTS))}
  assert all(len(found) == 1 for found in splits.values())
  assert {False, True} == set().union(*splits.values())


def tokens_of(worker: Ul2Worker, example: dict[str, Any]) -> list[int]:
  (tokens,) = denoising.restore(
    Ragged.of([example['inputs']]),
    Ragged.of([example['targets']]),
    worker.vocabulary.sentinels,
  )
  return tokens.tolist()


@pytest.mark.parametrize('join', [2, 5, 128])
def test_a_joined_segment_names_its_documents(vocabulary_path: str, join: int):
  options = {'provenance': True, 'validation_fraction': 0.4}
  texts = [*TEXTS[:3], '\u200b', *TEXTS[3:]]  # that one has no token
  alone = worker_of(vocabulary_path, **options)
  held_out = {
    records.decode_example(record)['provenance/source'][0]: validation
    for record, _, _, validation in examples_of(alone, [block_of(texts)])[0]
  }
  worker = worker_of(vocabulary_path, join=join, mode_tokens='none', **options)
  tokens = worker.vocabulary.encode_block(texts)
  assert tokens.lengths.min() == 0
  rows, _, counts = examples_of(worker, [block_of(texts)])
  Ul2Accounts.check(counts)
  assert counts['documents/dropped/too_short'] == 1
  named = set()
  for record, key, _, validation in rows:
    example = records.decode_example(record)
    assert example['provenance/key'] == [b'%016x' % key]
    expected: list[int] = []
    (source,) = example['provenance/source']
    for line in source.splitlines():
      matched = re.fullmatch(rb'(a.jsonl:\d+)\[(\d+):(\d+)\]', line)
      assert matched, line
      document, first, stop = matched.groups()
      place = int(document.split(b':')[1]) // 1000
      assert int(first) < int(stop) <= len(tokens[place])
      expected += tokens[place][int(first) : int(stop)].tolist()
      # A document is in the split that it is in alone.
      assert held_out[document] == validation
      named.add(document)
    assert tokens_of(worker, example) == expected
  assert named == set(held_out)
  assert len({row[1] for row in rows}) == len(rows)


def test_joined_segments_are_full(vocabulary_path: str):
  def are_full(join: int) -> list[bool]:
    worker = worker_of(
      vocabulary_path, join=join, provenance=True, mode_tokens='none'
    )
    pairs = zip(worker.objective.denoisers, worker.objective.raw, strict=True)
    full = {d.name.encode(): raw.tokens for d, raw in pairs}
    rows, _, _ = examples_of(worker, [block_of([t[:300] for t in TEXTS])])
    examples = [records.decode_example(row[0]) for row in rows]
    return [
      len(tokens_of(worker, e)) == full[e['provenance/denoiser'][0]]
      for e in examples
    ]

  alone, joined = are_full(0), are_full(128)
  assert sum(alone) < len(alone) / 2
  assert sum(joined) >= len(joined) - 2  # all but the last of each split


def test_text_that_spells_a_sentinel_is_rejected(
  vocabulary_with_sentinels_path: str,
):
  worker = worker_of(vocabulary_with_sentinels_path, extra_ids=None)
  assert worker.vocabulary.sentinels.count == 100
  bad = f'{TEXTS[1]} and <extra_id_7> too'
  rows, rejects, counts = examples_of(
    worker, [block_of(['', TEXTS[0], bad, TEXTS[2]])]
  )
  clean, _, _ = examples_of(worker, [block_of([TEXTS[0], TEXTS[2]])])
  assert [r[0] for r in rows] == [r[0] for r in clean]
  assert [(r.place, r.reason) for r in rejects] == [(2000, 'sentinel_in_text')]
  assert rejects[0].record == bad.encode()
  Ul2Accounts.check(counts)
  assert examples_of(worker, [block_of([bad])])[0] == []


def test_the_last_pieces_are_sentinels_that_no_text_has(vocabulary_path: str):
  planned = {'path': vocabulary_path, 'extra_ids': 0, 'sentinels': 'last:30'}
  planned['sha256'] = hashlib.sha256(
    Path(vocabulary_path).read_bytes()
  ).hexdigest()
  worker = worker_of(
    vocabulary_path, vocabulary=planned, mode_tokens='none', join=4
  )
  sentinels = worker.vocabulary.sentinels
  tokens = worker.vocabulary.encode_block(TEXTS)
  clean = [ids.tolist() for ids in tokens if not sentinels.among(ids).any()]
  rows, rejects, counts = examples_of(worker, [block_of(TEXTS)])
  Ul2Accounts.check(counts)
  assert 0 < len(rejects) == len(TEXTS) - len(clean) < len(TEXTS)
  assert {r.reason for r in rejects} == {'sentinel_in_text'}
  text = [
    token
    for row in rows
    for token in tokens_of(worker, records.decode_example(row[0]))
  ]
  assert len(text) == counts['tokens/used']
  assert set(text) <= {token for ids in clean for token in ids}


def test_text_never_spells_a_sentinel_that_is_no_piece(vocabulary_path: str):
  worker = worker_of(vocabulary_path)
  rows, rejects, _ = examples_of(
    worker, [block_of([f'<extra_id_0> {TEXTS[0]}'])]
  )
  assert rows
  assert not rejects


def test_documents_too_short_are_counted(vocabulary_path: str):
  worker = worker_of(vocabulary_path)
  rows, _, counts = examples_of(worker, [block_of(['short', TEXTS[0]])])
  assert rows
  assert counts['documents/dropped/too_short'] == 1
  assert counts['tokens/dropped/too_short'] == len(
    worker.vocabulary.encode('short')
  )


def test_unknown_characters_are_counted(vocabulary_path: str):
  worker = worker_of(vocabulary_path)
  _, _, counts = examples_of(worker, [block_of([f'{TEXTS[0]} 漢字'])])
  ids = np.array(worker.vocabulary.encode(f'{TEXTS[0]} 漢字'))
  assert counts['tokens/unknown'] == int((ids == 2).sum()) > 0


def test_a_vocabulary_that_was_replaced_is_found(vocabulary_path: str):
  planned = {'path': vocabulary_path, 'sha256': '0' * 64, 'extra_ids': 100}
  with pytest.raises(UserError, match='planned with'):
    worker_of(vocabulary_path, vocabulary=planned)
