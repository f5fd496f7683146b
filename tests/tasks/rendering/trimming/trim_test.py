"""Instances that are too long are shortened, and keep what must stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import functools
import itertools
import json
from pathlib import Path
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import TASKS, count_words

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.few_shot.draw_exemplars import ExemplarDraw
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import families, load_family
from ul2_flan.tasks.rendering.trimming.template_overhead import TemplateOverhead
from ul2_flan.tasks.rendering.trimming.trim import trim


def taken(instance: Mapping[str, Any], field: str) -> int:
  """Counts what an instance takes but for its long field."""
  name = {'passage': 'reading_question', 'article': 'news_summary'}[field]
  overhead = TemplateOverhead(load_family(name), field, count_words)
  tokens = {f: count_words([v])[0] for f, v in instance.items() if f != field}
  return overhead.most(tokens, 0)


@given(words=st.integers(1, 900), sentence=st.integers(2, 40))
def test_passages_lose_their_end(words: int, sentence: int) -> None:
  passage = ' '.join(
    f'w{i}.' if i % sentence == 0 else f'w{i}' for i in range(words)
  )
  family = load_family('reading_question')
  instance = {**family.samples[0], 'passage': passage}
  instances = Instances.of([instance, family.samples[1]], [1, 2])
  trimmed = trim(instances, family, max_tokens=400, count_tokens=count_words)
  shorter, other = trimmed.instances
  assert other == family.samples[1]
  assert passage.startswith(shorter['passage'])
  assert {**shorter, 'passage': ''} == {**instance, 'passage': ''}
  room = 400 - taken(instance, 'passage')
  assert len(shorter['passage'].split()) <= room
  assert (trimmed.indices == [0]) == (words > room)
  # Not much more is cut than must be.
  assert len(shorter['passage'].split()) >= min(words, 0.7 * room - 2)


def test_dialogues_lose_their_oldest_turns() -> None:
  family = load_family('conversational_answer')
  turns = tuple(f'turn {i} ' + 'word ' * 40 for i in range(21))
  instances = Instances.of([{'dialog': turns, 'answer': 'Yes.'}], [1])
  trimmed = trim(instances, family, max_tokens=400, count_tokens=count_words)
  (instance,) = trimmed.instances
  assert trimmed.indices == [0]
  assert instance['dialog'] == turns[-len(instance['dialog']) :]
  assert 0 < len(instance['dialog']) < 21
  assert len(instance['dialog']) % 2 == 1


def test_families_without_a_long_field_are_left_alone() -> None:
  family = load_family('translation')
  instances = Instances.of([{**family.samples[0], 'text': 'word ' * 999}], [1])
  trimmed = trim(instances, family, max_tokens=100, count_tokens=count_words)
  assert trimmed.instances is instances


@pytest.mark.parametrize(
  'name', [name for name in families() if load_family(name).trim]
)
def test_no_template_is_longer_than_is_allowed_for(name: str) -> None:
  """Nor much shorter: the longest fills what there is."""
  family = load_family(name)
  instance = dict(family.samples[0])
  value = instance[family.trim]
  turns = isinstance(value, tuple)
  instance[family.trim] = ('word ' * 10,) * 99 if turns else 'word ' * 900
  instances = Instances.of([instance] * 60, range(60))
  pool = Pool.of(family, instances.take(np.arange(0)))
  for limit in (150, 300):
    trimmed = trim(
      instances, family, max_tokens=limit, count_tokens=count_words
    )
    assert len(trimmed.indices) == 60
    longest = 0
    for setting in ('zs_opt', 'zs_noopt'):
      renderer = Renderer.of(TASKS[name], setting, seed=0)
      rendered = renderer.render(trimmed.instances, pool)
      assert max(count_words(rendered.inputs)) <= limit
      both = map(' '.join, zip(rendered.inputs, rendered.targets, strict=True))
      longest = max(longest, *count_words([*both]))
    # Turns go in pairs, and a turn's mark may take more than a word.
    assert longest >= (0.5 * limit if turns else limit - 45)


# The answer stands in the middle, at the end, twice, and not at all.
@given(
  before=st.integers(0, 300),
  after=st.integers(0, 300),
  answer=st.integers(1, 4),
  sentence=st.integers(2, 30),
)
def test_the_answer_stays_in_the_passage(
  before: int, after: int, answer: int, sentence: int
) -> None:
  family = load_family('reading_question')
  words = [f'w{i % 7}' + '.' * (i % sentence == 0) for i in range(before)]
  found = ' '.join(f'found{i}' for i in range(answer))
  passage = ' '.join([*words, found, *['w0'] * after])
  instance = {**family.samples[0], 'passage': passage, 'answer': found}
  trimmed = trim(
    Instances.of([instance], [1]),
    family,
    max_tokens=150,
    count_tokens=count_words,
  )
  (shorter,) = trimmed.instances
  assert found in shorter['passage']
  assert f' {shorter["passage"]} ' in f' {passage} '
  room = 150 - taken(instance, 'passage')
  length = len(shorter['passage'].split())
  assert length <= max(room, 0)
  assert length >= min(before + answer + after, 0.5 * room)


@pytest.mark.parametrize('held_out', [False, True])
def test_where_an_answer_stands_tells_nothing_of_it(held_out: bool) -> None:
  family = load_family('reading_question')
  passage = ' '.join([*['before'] * 300, 'found', *['after'] * 300])
  instance = {**family.samples[0], 'passage': passage, 'answer': 'found'}
  (shorter,) = trim(
    Instances.of([instance], [1]),
    family,
    max_tokens=150,
    count_tokens=count_words,
    held_out=np.array([held_out]),
  ).instances
  assert passage.startswith(shorter['passage']) == held_out
  assert ('found' in shorter['passage']) != held_out


def test_an_answer_that_is_too_long_leaves_the_instance_as_it_is() -> None:
  family = load_family('reading_question')
  answer = 'found ' * 90 + 'it'
  instance = {
    **family.samples[0],
    'passage': f'{"word " * 200}{answer}.',
    'answer': answer,
  }
  instances = Instances.of([instance], [1])
  trimmed = trim(instances, family, max_tokens=200, count_tokens=count_words)
  assert trimmed.indices == []
  assert list(trimmed.instances) == [instance]


def test_what_is_to_be_continued_keeps_its_end() -> None:
  family = load_family('last_word')
  text = ' '.join(f'w{i}' for i in range(300))
  instances = Instances.of([{**family.samples[0], 'text': text}], [1])
  trimmed = trim(instances, family, max_tokens=150, count_tokens=count_words)
  (instance,) = trimmed.instances
  assert text.endswith(' ' + instance['text'])
  assert 90 < len(instance['text'].split()) < 150


def test_options_that_leave_no_room_are_left_to_other_settings() -> None:
  family = load_family('entity_cloze')
  options = tuple(f'Ada {i}' for i in range(40))
  instance = {
    **family.samples[0],
    'passage': 'word ' * 300 + 'Ada 7',
    'options': options,
    'answer': 'Ada 7',
  }
  instances = Instances.of([instance], [1])
  trimmed = trim(instances, family, max_tokens=120, count_tokens=count_words)
  task = catalog.load('flan2021:record')
  for seed in range(20):
    renderer = Renderer.of(task, 'zs_noopt', seed=seed)
    (text,) = renderer.render(trimmed.instances).inputs
    assert count_words([text])[0] <= 120


@given(
  sizes=st.lists(st.integers(1, 300), min_size=1, max_size=9),
  limit=st.integers(120, 300),
)
def test_what_fits_into_less_fits(sizes: list[int], limit: int) -> None:
  family = load_family('reading_question')
  instances = Instances.of(
    [{**family.samples[0], 'passage': 'A word. ' * size} for size in sizes],
    range(len(sizes)),
  )
  trimmed = functools.partial(trim, instances, family, count_tokens=count_words)
  less = trimmed(max_tokens=limit // 2)
  assert {*less.indices} <= {*less.long}
  alone = trimmed(max_tokens=limit)
  among = trimmed(max_tokens=limit, among=less.long)
  assert among.indices == alone.indices
  assert [*among.instances] == [*alone.instances]
  assert among.long == alone.long


def test_trimmed_instances_are_still_the_questions_that_they_were() -> None:
  family = load_family('news_summary')
  start = 'The council met again. ' * 60
  samples = [
    {**family.samples[0], 'article': f'{start}{end}'} for end in ('A.', 'B.')
  ]
  instances = Instances.of(samples, [1, 2])

  def cut(words: int) -> Instances:
    room = taken(samples[0], 'article') + words
    return trim(
      instances, family, max_tokens=room, count_tokens=count_words
    ).instances

  pool = Pool.of(family, cut(100))
  assert (
    pool.instances.columns['article'][0] == pool.instances.columns['article'][1]
  )
  # Neither the instance nor its copy, but the one with the same beginning.
  asked = cut(150)
  copy = dataclasses.replace(asked, keys=np.array([3, 4], np.uint64))
  streams = np.array([5, 6], np.uint64)
  for instances in (asked, copy):
    exemplars = ExemplarDraw.of(
      pool, family, instances, streams, alone=np.zeros(2, np.bool_)
    )
    assert exemplars.choose(np.array([2, 2]), most=2) == [[1], [0]]


def brought_questions(data: Path) -> Iterator[tuple[str, str]]:
  """Yields families and texts of real rows that bring their questions along."""
  for path in sorted(data.glob('niv2/tasks/*.json')):
    for row in json.loads(path.read_bytes())['Instances'][:30]:
      yield 'niv2', row['input'].strip()
  for path in sorted(data.glob('p3/rendered/*/train.jsonl')):
    with path.open() as file:
      for line in itertools.islice(file, 15):
        prompt = json.loads(line)['inputs_pretokenized'].strip()
        yield 'p3_question_answer', prompt


def test_no_question_of_shared_data_loses_its_last_sentence(
  shared_data: Path,
) -> None:
  texts: dict[str, list[str]] = {}
  for name, text in brought_questions(shared_data):
    texts.setdefault(name, []).append(text)
  for name, column in texts.items():
    family = load_family(name)
    sample = {**family.samples[0], 'definition': 'Do.', 'explanation': 'So.'}
    sample = {f: v for f, v in sample.items() if f in family.fields}
    instances = Instances.of(
      [{**sample, family.trim: text} for text in column], range(len(column))
    )
    trimmed = trim(instances, family, max_tokens=120, count_tokens=count_words)
    # A tenth of them at least, so that the test sees what it is about.
    assert len(trimmed.indices) > len(column) / 10
    for i in trimmed.indices:
      short, text = trimmed.instances.columns[family.trim][i], column[i]
      last = re.split(r'[.!?]["”’)]*\s|\n', text)[-1]
      # Where the question takes all the room there is, its end stays.
      last = ' '.join(last.split()[-8:]) if len(last.split()) > 40 else last
      assert short.endswith(last), (text, short)
      assert short.startswith(text[:10])
