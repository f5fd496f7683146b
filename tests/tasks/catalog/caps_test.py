"""Caps are those of Table 23, and every task has the one of its suite."""

from __future__ import annotations

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.caps import CAPS, RELEASED_CAPS


def test_every_suite_has_a_cap() -> None:
  assert set(CAPS) == set(catalog.suites())


@pytest.mark.parametrize('suite', catalog.suites())
def test_every_task_has_the_cap_of_its_suite(suite: str) -> None:
  caps = {t.cap for t in catalog.tasks(suite=suite, left_out=True)}
  assert caps == {CAPS[suite]}


def test_the_released_code_caps_two_suites_otherwise() -> None:
  other = {s: c for s, c in RELEASED_CAPS.items() if c != CAPS[s]}
  assert other == {'dialog': 200_000, 'niv2': 0}


def test_a_users_own_task_has_the_cap_of_the_suite_it_joins() -> None:
  assert catalog.unlisted('niv2', 'mine').cap == 5_000
  assert catalog.unlisted('t0_sf', 'mine').cap == 20_000
