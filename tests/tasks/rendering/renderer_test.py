"""What holds for rendering, whatever the rows."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.few_shot.count import MANY, ExemplarCount
from ul2_flan.tasks.rendering.few_shot.pool import Pool, choose_pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import load_family

TASKS = (
  'flan2021:rte',
  'flan2021:arc_easy',
  'flan2021:stsb',
  'cot:gsm8k',
  'dialog:wiki_dialog',
  'niv2:task1508_wordnet_antonyms',
)
SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')


def rows_of(task: str, count: int, salt: int = 0) -> Instances:
  """Rows with questions that differ, and keys that look random."""
  samples = load_family(catalog.load(task).family).samples
  rows = []
  for i in range(count):
    row = dict(samples[i % len(samples)])
    for field, value in row.items():
      if field not in ('options', 'answer', 'definition'):
        row[field] = (
          (*value[:-1], f'{value[-1]} (number {i})')
          if isinstance(value, tuple)
          else f'{value} (number {i})'
        )
    # Every fifth instance is its task's only good example.
    if 'explanation' in row and i % 5 == 0:
      row |= dict.fromkeys(('positive_input', 'positive_output', 'explanation'))
    rows.append(row)
  keys = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(7919 + salt)
  return Instances.of(rows, keys.tolist())


def count_words(texts: Sequence[str]) -> list[int]:
  return [len(text.split()) for text in texts]


@pytest.mark.parametrize('task', TASKS)
@pytest.mark.parametrize('setting', SETTINGS)
@given(cuts=st.lists(st.integers(0, 40), max_size=4), seed=st.integers(0, 9))
@settings(max_examples=10)
def test_the_division_into_blocks_makes_no_difference(
  task: str, setting: str, cuts: list[int], seed: int
) -> None:
  rows = rows_of(task, 40)
  family = load_family(catalog.load(task).family)
  renderer = Renderer.of(catalog.load(task), setting, seed=seed)
  pool = Pool.of(family, choose_pool(rows, seed=seed, task=task, size=30))
  whole = renderer.render(rows, pool, draws=True)
  bounds = sorted({0, *cuts, 40})
  examples: list[tuple[int, str, str]] = []
  for start, stop in itertools.pairwise(bounds):
    part = renderer.render(rows.take(np.arange(start, stop)), pool)
    index = (part.index + start).tolist()
    examples += zip(index, part.inputs, part.targets, strict=True)
  assert examples == list(
    zip(whole.index.tolist(), whole.inputs, whole.targets, strict=True)
  )


@pytest.mark.parametrize('task', TASKS)
def test_order_makes_no_difference(task: str) -> None:
  rows = rows_of(task, 30)
  renderer = Renderer.of(catalog.load(task), 'zs_opt', seed=1)
  order = np.random.default_rng(0).permutation(30)
  there = renderer.render(rows)
  back = renderer.render(rows.take(order))
  assert [there.inputs[i] for i in order] == back.inputs


def test_seed_task_and_setting_make_a_difference() -> None:
  rows = rows_of('flan2021:rte', 40)
  base = Renderer.of(catalog.load('flan2021:rte'), 'zs_opt', seed=0)
  other_seed = Renderer.of(catalog.load('flan2021:rte'), 'zs_opt', seed=1)
  other_task = Renderer.of(catalog.load('flan2021:snli'), 'zs_opt', seed=0)
  inputs = base.render(rows).inputs
  assert inputs != other_seed.render(rows).inputs
  assert inputs != other_task.render(rows).inputs


@given(
  count=st.integers(1, 30),
  size=st.integers(1, 40),
  low=st.integers(1, 4),
  more=st.integers(0, 4),
  seed=st.integers(0, 3),
)
def test_exemplars(
  count: int, size: int, low: int, more: int, seed: int
) -> None:
  """Never the row, nor its question, nor one question twice."""
  task = catalog.load('flan2021:arc_easy')
  family = load_family(task.family)
  rows = rows_of(task.name, count)
  # The same questions again, under other keys.
  again = rows_of(task.name, count, salt=1)
  both = Instances(
    np.concatenate([rows.keys, again.keys]),
    {f: [*rows.columns[f], *again.columns[f]] for f in rows.columns},
    np.concatenate([rows.choice, again.choice]),
  )
  pool = Pool.of(
    family, choose_pool(both, seed=seed, task=task.name, size=size)
  )
  shots = ExemplarCount(low=low, high=low + more)
  renderer = Renderer.of(task, 'fs_opt', seed=seed, shots=shots)
  rendered = renderer.render(rows, pool, draws=True)
  questions = dict(
    zip(both.keys.tolist(), both.columns['question'], strict=True)
  )
  for i, keys in zip(
    rendered.index.tolist(), rendered.draws['exemplars'], strict=True
  ):
    asked = [questions[key] for key in keys]
    own = rows.columns['question'][i]
    available = set(pool.rows.columns['question']) - {own}
    assert min(low, len(available)) <= len(asked) <= shots.high
    assert len(set(asked)) == len(asked)
    assert own not in asked
  alone = len(pool.numbers) == 1
  assert alone or not rendered.rejects.get('no_exemplar')
  assert len(rendered) + len(rendered.rejects.get('no_exemplar', [])) == count


@given(limit=st.integers(20, 400), seed=st.integers(0, 5))
def test_exemplars_are_pruned_to_a_length(limit: int, seed: int) -> None:
  task = catalog.load('cot:gsm8k')
  rows = rows_of(task.name, 30)
  pool = Pool.of(load_family(task.family), rows, count_words)

  def render(max_tokens: int | None) -> tuple[list[str], list[int], list[int]]:
    shots = ExemplarCount(5, 5, max_tokens)
    renderer = Renderer.of(task, 'fs_opt', seed=seed, shots=shots)
    rendered = renderer.render(rows, pool, draws=True)
    counts = [len(keys) for keys in rendered.draws['exemplars']]
    return (
      rendered.inputs,
      counts,
      rendered.rejects.get('exemplar_too_long', []),
    )

  inputs, counts, rejected = render(limit)
  free, _, _ = render(None)
  assert all(n <= limit for n in count_words(inputs))
  assert all(1 <= n <= 5 for n in counts)
  assert len(inputs) + len(rejected) == len(rows)
  # What surely fits is not touched.
  assert {t for t in free if len(t.split()) <= limit - 40} <= set(inputs)


def test_as_many_exemplars_as_fit() -> None:
  task = catalog.load('cot:gsm8k')
  rows = rows_of(task.name, 60)
  pool = Pool.of(load_family(task.family), rows, count_words)
  shots = ExemplarCount(MANY, MANY, 500)
  rendered = Renderer.of(task, 'fs_opt_direct', seed=0, shots=shots).render(
    rows, pool, draws=True
  )
  assert len(rendered) == 60
  counts = [len(keys) for keys in rendered.draws['exemplars']]
  words = count_words(rendered.inputs)
  assert max(words) <= 500
  # None has room for many more: the longest exemplar has some 40 words.
  assert all(w > 400 or n == 59 for w, n in zip(words, counts, strict=True))


@pytest.mark.parametrize('task', ['flan2021:sst2', 'flan2021:openbookqa'])
def test_options_take_what_their_style_takes(task: str) -> None:
  """So that as many exemplars as fit fill the inputs."""
  rows = rows_of(task, 70)
  pool = Pool.of(load_family(catalog.load(task).family), rows, count_words)
  renderer = Renderer.of(
    catalog.load(task), 'fs_opt', seed=0, shots=ExemplarCount(MANY, MANY, 900)
  )
  words = count_words(renderer.render(rows, pool).inputs)
  assert len(words) == len(rows)
  assert max(words) <= 900
  assert sum(words) > 0.9 * 900 * len(words)


def _of_lengths(task: str, words: int, every: int, count: int) -> Instances:
  """Rows of which each but every so-manieth has a question of many words."""
  rows = rows_of(task, count)
  asked = [
    f'{text} {"word " * words if i % every else ""}why?'
    for i, text in enumerate(rows.columns['question'])
  ]
  columns = {**rows.columns, 'question': asked}
  return dataclasses.replace(rows, columns=columns)


@pytest.mark.parametrize('setting', ['fs_opt', 'fs_noopt'])
def test_an_exemplar_that_fits_takes_the_place_of_those_that_do_not(
  setting: str,
) -> None:
  task = catalog.load('cot:gsm8k')
  # One of thirty is short, so that few have it among the five that are drawn.
  pool_rows = _of_lengths(task.name, 300, 30, 300)
  asked = rows_of(task.name, 40, salt=1)
  pool = Pool.of(load_family(task.family), pool_rows, count_words)
  shots = ExemplarCount(1, 5, 300)
  renderer = Renderer.of(task, setting, seed=0, shots=shots)
  rendered = renderer.render(asked, pool, draws=True)
  assert rendered.rejects == {}
  assert max(count_words(rendered.inputs)) <= 300
  short = set(pool_rows.keys[::30].tolist())
  used = rendered.draws['exemplars']
  assert all(set(keys) <= short for keys in used)
  # They are drawn, not the first of the pool for all.
  assert len({keys[0] for keys in used}) > 5
  long = pool_rows.take(np.flatnonzero(np.arange(300) % 30))
  none = renderer.render(
    asked, Pool.of(load_family(task.family), long, count_words)
  )
  assert none.rejects == {'exemplar_too_long': list(range(40))}


@pytest.mark.parametrize('setting', ['fs_opt', 'fs_noopt'])
@given(
  cuts=st.lists(st.integers(0, 40), max_size=4), limit=st.integers(60, 400)
)
@settings(max_examples=10)
def test_what_fits_depends_on_its_own_example_alone(
  setting: str, cuts: list[int], limit: int
) -> None:
  task = catalog.load('flan2021:openbookqa')
  pool = Pool.of(
    load_family(task.family), _of_lengths(task.name, 200, 10, 90), count_words
  )
  rows = rows_of(task.name, 40, salt=1)
  renderer = Renderer.of(
    task, setting, seed=0, shots=ExemplarCount(1, 5, limit)
  )
  whole = renderer.render(rows, pool)
  texts = dict(zip(whole.index.tolist(), whole.inputs, strict=True))
  for start, stop in itertools.pairwise(sorted({0, *cuts, 40})):
    backwards = np.arange(start, stop)[::-1]
    part = renderer.render(rows.take(backwards), pool)
    for i, text in zip(part.index.tolist(), part.inputs, strict=True):
      assert texts.pop(int(backwards[i])) == text
  assert texts == {}


def test_bytes_bound_tokens_without_a_vocabulary() -> None:
  task = catalog.load('cot:gsm8k')
  rows = rows_of(task.name, 10)
  pool = Pool.of(load_family(task.family), rows)
  renderer = Renderer.of(task, 'fs_opt', seed=0, shots=ExemplarCount(5, 5, 600))
  rendered = renderer.render(rows, pool)
  assert rendered.inputs
  assert all(len(text.encode()) < 600 for text in rendered.inputs)


@given(size=st.integers(1, 50), cut=st.integers(0, 40), seed=st.integers(0, 3))
def test_pools_of_parts_merge(size: int, cut: int, seed: int) -> None:
  rows = rows_of('cot:gsm8k', 40)
  parts = [rows.take(np.arange(cut)), rows.take(np.arange(cut, 40))]
  pools = [choose_pool(p, seed=seed, task='t', size=size) for p in parts]
  merged = Instances(
    np.concatenate([p.keys for p in pools[::-1]]),
    {f: [*pools[1].columns[f], *pools[0].columns[f]] for f in rows.columns},
  )
  again = choose_pool(merged, seed=seed, task='t', size=size)
  whole = choose_pool(rows, seed=seed, task='t', size=size)
  assert again.keys.tolist() == whole.keys.tolist()
  assert again.columns['question'] == whole.columns['question']


def test_draws_say_what_was_drawn() -> None:
  task = catalog.load('flan2021:rte')
  rows = rows_of(task.name, 50)
  pool = Pool.of(load_family(task.family), rows)
  told = Renderer.of(task, 'fs_opt', seed=0).render(rows, pool, draws=True)
  assert set(told.draws) == {'template', 'options', 'layout', 'exemplars'}
  assert all(len(column) == len(told) for column in told.draws.values())
  silent = Renderer.of(task, 'fs_opt', seed=0).render(rows, pool)
  assert silent.draws == {}
  assert silent.inputs == told.inputs


def test_all_wordings_occur() -> None:
  task = catalog.load('flan2021:rte')
  rows = rows_of(task.name, 1000)
  told = Renderer.of(task, 'zs_opt', seed=0).render(rows, draws=True)
  counts = {t: told.draws['template'].count(t) for t in told.draws['template']}
  assert len(counts) == 8
  assert min(counts.values()) > 80


@given(scored=st.lists(st.booleans(), min_size=60, max_size=60))
@pytest.mark.parametrize('setting', SETTINGS)
def test_rows_that_are_scored_are_asked_for_the_answer(
  setting: str, scored: list[bool]
) -> None:
  task = catalog.load('flan2021:rte')
  family = load_family(task.family)
  rows = rows_of(task.name, 60)
  pool = Pool.of(family, rows)
  renderer = Renderer.of(task, setting, seed=0)
  forward = np.array(scored)
  some = renderer.render(rows, pool, forward=forward, draws=True)
  none = renderer.render(rows, pool, draws=True)
  forms = {form.label: form for form in renderer.forms(rows, pool).forms}
  assert any(forms[label].inverted for label in none.draws['template'])
  for i, asked in enumerate(scored):
    if asked:
      assert not forms[some.draws['template'][i]].inverted
    else:
      assert some.inputs[i] == none.inputs[i]
      assert some.targets[i] == none.targets[i]


def test_a_family_that_only_inverts_goes_on_to() -> None:
  task = catalog.load('dialog:task_master_inverted')
  rows = rows_of(task.name, 20)
  renderer = Renderer.of(task, 'zs_opt', seed=0)
  scored = renderer.render(rows, forward=np.ones(20, np.bool_))
  assert scored.inputs == renderer.render(rows).inputs


def test_few_shot_needs_a_pool() -> None:
  task = catalog.load('flan2021:rte')
  with pytest.raises(UserError, match='needs a pool of exemplars'):
    Renderer.of(task, 'fs_opt', seed=0).render(rows_of(task.name, 1))


def test_numbers_of_exemplars_are_checked() -> None:
  with pytest.raises(UserError, match='3 to 2 exemplars: there are from 1'):
    ExemplarCount(3, 2)


def test_no_rows() -> None:
  task = catalog.load('flan2021:rte')
  rows = rows_of(task.name, 3).take(np.arange(0))
  assert len(Renderer.of(task, 'zs_opt', seed=0).render(rows)) == 0


def test_rows_that_lack_a_field_take_other_forms() -> None:
  task = catalog.load('niv2:task1508_wordnet_antonyms')
  rows = rows_of(task.name, 200)
  pool = Pool.of(load_family(task.family), rows)
  told = Renderer.of(task, 'fs_opt', seed=0).render(rows, pool, draws=True)
  assert told.index.tolist() == list(range(200))
  for i, template in zip(
    told.index.tolist(), told.draws['template'], strict=True
  ):
    assert i % 5 or template not in ('few_shot 0', 'few_shot 1')
  assert 'few_shot 0' in told.draws['template']


@pytest.mark.parametrize('setting', SETTINGS)
def test_no_english_goes_with_instructions_in_another_language(
  setting: str,
) -> None:
  rows = Instances.of(
    [
      {
        'definition': '\u4f60',
        'input': str(i),
        'output': '\u597d',
        **dict.fromkeys(('positive_input', 'positive_output', 'explanation')),
      }
      for i in range(60)
    ],
    range(60),
  )
  task = catalog.unlisted('niv2', 'x', languages=('zh',))
  pool = Pool.of(load_family('niv2'), rows)
  rendered = Renderer.of(task, setting, seed=0).render(rows, pool)
  assert len(rendered) == 60
  assert not any(c.isascii() and c.isalpha() for c in ''.join(rendered.inputs))
  english = catalog.unlisted('niv2', 'x')
  rendered = Renderer.of(english, setting, seed=0).render(rows, pool)
  assert any('nput' in text for text in rendered.inputs)


@pytest.mark.parametrize('setting', ['zs_opt', 'fs_opt'])
def test_it_is_asked_to_choose_once(setting: str) -> None:
  """Not by an opening and a closing, nor by the words or a cue beside one."""
  task = catalog.load('flan2021:rte')
  rows = rows_of(task.name, 400)
  pool = Pool.of(load_family(task.family), rows)
  rendered = Renderer.of(task, setting, seed=0).render(rows, pool, draws=True)
  calls = ('Choose from:', 'Pick one:', 'Select from these:')
  closings = ('Which one?', 'Choose one of them.', 'Pick one.')
  seen = set()
  for text, template in zip(
    rendered.inputs, rendered.draws['template'], strict=True
  ):
    asked = [c for c in (*calls, *closings) if f'\n{c}' in text]
    assert len(asked) <= 1
    # 'Which of these says ...', and one that ends with 'Verdict:'.
    assert not asked or template != 'template 3'
    assert template != 'template 5' or not set(asked) & set(closings)
    seen |= set(asked)
  assert seen == {*calls, *closings}
