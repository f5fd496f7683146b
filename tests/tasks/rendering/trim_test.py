"""Rows that are too long, shortened."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.exemplars import Pool
from ul2_flan.tasks.rendering.family import families, load_family
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.room import Shots
from ul2_flan.tasks.rendering.rows import Rows
from ul2_flan.tasks.rendering.setting import SETTINGS
from ul2_flan.tasks.rendering.trim import WORDING_TOKENS, trim


def count_words(texts: Sequence[str]) -> list[int]:
  return [len(text.split()) for text in texts]


@given(words=st.integers(1, 900), sentence=st.integers(2, 40))
def test_passages(words: int, sentence: int) -> None:
  passage = ' '.join(
    f'w{i}.' if i % sentence == 0 else f'w{i}' for i in range(words)
  )
  family = load_family('reading_question')
  row = {**family.samples[0], 'passage': passage}
  rows = Rows.of([row, family.samples[1]], [1, 2])
  trimmed = trim(rows, family, max_tokens=400, count_tokens=count_words)
  shorter, other = trimmed.rows
  assert other == family.samples[1]
  assert passage.startswith(shorter['passage'])
  assert {**shorter, 'passage': ''} == {**row, 'passage': ''}
  rest = count_words([' '.join(v for k, v in row.items() if k != 'passage')])[0]
  room = 400 - WORDING_TOKENS - rest
  assert len(shorter['passage'].split()) <= room
  assert (trimmed.indices == [0]) == (words > room)
  # Not much more is cut than must be.
  assert len(shorter['passage'].split()) >= min(words, 0.7 * room - 2)


def test_dialogues_lose_their_oldest_turns() -> None:
  family = load_family('conversational_answer')
  turns = tuple(f'turn {i} ' + 'word ' * 40 for i in range(21))
  rows = Rows.of([{'dialog': turns, 'answer': 'Yes.'}], [1])
  trimmed = trim(rows, family, max_tokens=400, count_tokens=count_words)
  (row,) = trimmed.rows
  assert trimmed.indices == [0]
  assert row['dialog'] == turns[-len(row['dialog']) :]
  assert 0 < len(row['dialog']) < 21
  assert len(row['dialog']) % 2 == 1


def test_families_without_a_long_field_are_left_alone() -> None:
  family = load_family('translation')
  rows = Rows.of([{**family.samples[0], 'text': 'word ' * 999}], [1])
  trimmed = trim(rows, family, max_tokens=100, count_tokens=count_words)
  assert trimmed.rows is rows


def test_no_wording_is_longer_than_is_allowed_for() -> None:
  tasks = {task.family: task for task in catalog.tasks()}
  for name in families():
    family = load_family(name)
    if not family.trim:
      continue
    rows = Rows.of([family.samples[0]] * 20, range(20))
    fields = ' '.join(
      ' '.join(v) if isinstance(v, tuple) else v
      for v in family.samples[0].values()
    )
    for setting in SETTINGS[::2]:
      if setting.few_shot or setting.reasoning:
        continue
      renderer = Renderer.of(tasks[name], setting, seed=0, shots=Shots())
      for text in renderer.render(rows).inputs:
        assert len(text) - len(fields) < 4 * WORDING_TOKENS


def test_trimmed_rows_are_still_the_questions_that_they_were() -> None:
  family = load_family('news_summary')
  start = 'The council met again. ' * 60
  samples = [
    {**family.samples[0], 'article': f'{start}{end}'} for end in ('A.', 'B.')
  ]
  rows = Rows.of(samples, [1, 2])

  def cut(words: int) -> Rows:
    room = WORDING_TOKENS + words
    return trim(rows, family, max_tokens=room, count_tokens=count_words).rows

  pool = Pool.of(family, cut(100))
  assert pool.rows.columns['article'][0] == pool.rows.columns['article'][1]
  # Neither the row itself nor its copy, but the one with the same beginning.
  asked = cut(150)
  copy = dataclasses.replace(asked, keys=np.array([3, 4], np.uint64))
  streams = np.array([5, 6], np.uint64)
  wanted = np.array([2, 2])
  alone = np.zeros(2, np.bool_)
  assert pool.choose(family, asked, streams, wanted, 2, alone) == [[1], [0]]
  assert pool.choose(family, copy, streams, wanted, 2, alone) == [[1], [0]]
