"""Styles depend on the instance's key alone."""

import numpy as np
from support.instances import instances_of

from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles


def _drawn(seed: int, purpose: str, order: np.ndarray) -> list[list[int]]:
  instances = instances_of('flan2021:rte', 30).take(order)
  styles = DrawnStyles.draw(instances, seed=seed, purpose=purpose)
  assert styles.options is not None
  columns = (styles.options.item, styles.options.order, styles.dialog)
  return [column.tolist() for column in columns]


def test_order_makes_no_difference() -> None:
  order = np.random.default_rng(0).permutation(30)
  there = _drawn(0, 'a', np.arange(30))
  back = _drawn(0, 'a', order)
  assert [[column[i] for i in order] for column in there] == back


def test_seed_and_purpose_make_a_difference() -> None:
  same = np.arange(30)
  assert _drawn(0, 'a', same) != _drawn(1, 'a', same)
  assert _drawn(0, 'a', same) != _drawn(0, 'b', same)


def test_instances_without_options_draw_no_style_of_them() -> None:
  instances = instances_of('cot:gsm8k', 3)
  styles = DrawnStyles.draw(instances, seed=0, purpose='a')
  assert styles.options is None
  assert styles.without_calls(np.ones(3, np.bool_)) is styles


def test_beside_words_that_ask_to_choose_options_do_not() -> None:
  instances = instances_of('flan2021:rte', 100)
  styles = DrawnStyles.draw(instances, seed=0, purpose='a')
  asks = np.arange(100) % 2 == 0
  quiet = styles.without_calls(asks).options
  assert styles.options is not None
  assert quiet is not None
  assert styles.options.closing[asks].any()
  assert not quiet.closing[asks].any()
  assert (quiet.closing == styles.options.closing)[~asks].all()
  assert (quiet.opening == styles.options.opening)[~asks].all()
