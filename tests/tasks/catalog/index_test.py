"""Tasks are found by name, by suite, by language and by category."""

from __future__ import annotations

from typing import Any

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def names(**filters: Any) -> list[str]:
  return [task.name for task in catalog.tasks(**filters)]


@pytest.mark.parametrize(
  ('name', 'message'),
  [
    ('flan2021:boolq', "Did you mean 'flan2021:bool_q'"),
    ('flan:bool_q', "unknown suite 'flan'"),
    ('bool_q', "'bool_q' lacks a suite.*Did you mean 'flan2021:bool_q'"),
    ('zzzzzzzz', r"'zzzzzzzz' lacks a suite.*such as flan2021:bool_q$"),
  ],
)
def test_an_unknown_name_comes_with_a_suggestion(
  name: str, message: str
) -> None:
  with pytest.raises(UserError, match=message):
    catalog.load(name)


def test_a_language_may_be_a_code_or_a_name() -> None:
  assert names(language='Finnish') == names(language='fi')
  assert names(language='finnish') == names(language='fi')
  assert 'flan2021:wmt16_translate_fien' in names(language='fi')
  with pytest.raises(UserError, match="Did you mean 'Finnish'"):
    names(language='Finish')


def test_all_arguments_must_fit() -> None:
  questions = names(suite='cot', category='question GENERATION')
  assert len(questions) == 9
  inverted = set(names(suite='cot', inverted=True))
  assert set(questions) <= inverted
  forward = set(names(suite='cot', inverted=False))
  assert forward | inverted == set(names(suite='cot'))
  assert not forward & inverted


def test_what_the_collection_leaves_out_is_there_on_request() -> None:
  everything = names(suite='niv2', left_out=True)
  assert len(everything) == 1613
  assert len(set(everything)) == len(everything)
  assert set(names(suite='niv2')) < set(everything)


def test_an_unknown_suite_is_refused() -> None:
  with pytest.raises(UserError, match=r"unknown suite 'niv'.*'niv2'"):
    list(catalog.tasks(suite='niv'))


def test_a_users_own_file_is_a_task_that_is_left_out() -> None:
  task = catalog.unlisted('niv2', 'my-own task', languages=('fi', 'en'))
  assert task.name == 'niv2:my_own_task'
  assert task.left_out == 'unlisted'
  # The file keeps its name.
  assert task.sources[0].locator == 'my-own task.json'
  with pytest.raises(UserError, match="unknown suite for unlisted tasks 'cot'"):
    catalog.unlisted('cot', 'a')
