"""A user's own tasks are read strictly, and carried as text."""

from dataclasses import replace

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.own_tasks import OwnTasks, formats
from ul2_flan.tasks.rendering import OwnTemplates, family_of
from ul2_flan.tasks.rendering.sheet import sheet

TASK = """
suite = "mine"
[[tasks]]
name = "mails"
family = "email_subject"
[tasks.sources.files]
locator = "mails*.csv"
fields = { body = "text", subject = "about" }
"""
CHATS = TASK.replace('family = "email_subject"', 'format = "chat"').replace(
  'fields = { body = "text", subject = "about" }', ''
)
FAMILY = """
[families.shout]
description = "Write in capitals."
input = ["text"]
fields = { text = "a text", answer = "the same in capitals" }
samples = [{ text = "oh", answer = "OH" }, { text = "no", answer = "NO" }]
templates = [{ inputs = "Shout: {text}", targets = "{answer}" }]
"""
OWN = TASK.replace('email_subject', 'shout').replace(
  'body = "text", subject = "about"', 'text = "quiet", answer = "loud"'
)


def test_a_task_has_what_the_file_says_and_else_what_is_usual():
  (task,) = OwnTasks.of({'a.toml': TASK}).tasks.values()
  assert (task.name, task.suite, task.cap) == ('mine:mails', 'mine', 0)
  assert (task.languages, task.licence, task.left_out) == (('en',), '', '')
  assert task.sources[0].splits == {'train': 'train'}
  assert family_of(task) is catalog_family('flan2021:aeslc')


def catalog_family(name: str):
  return family_of(catalog.load(name))


def test_a_family_of_ones_own_is_loaded_once_and_shown():
  own = OwnTasks.of({'a.toml': OWN + FAMILY})
  task = own.load('mine:mails')
  assert family_of(task) is family_of(replace(task, cap=7))
  assert OwnTemplates().family(task) is family_of(task)
  assert 'Shout: oh' in sheet(task, seed=0)


@pytest.mark.parametrize('form', formats())
def test_files_become_tasks_of_a_format(form: str):
  own = OwnTasks.of({'a.toml': TASK.replace('mine', 'other')})
  more = own.with_files('mine', form, {'a': ['a"b.jsonl'], 'c': ['c/d.json']})
  assert list(more.tasks) == ['mine:a', 'mine:c', 'other:mails']
  task = more.load('mine:a')
  assert task.sources[0].locator == 'a"b.jsonl'
  assert task.sources[0].prepare == form
  # Carried as text, it is the same elsewhere.
  assert OwnTasks.of(dict(more.files)) == more


def test_the_catalogs_tasks_are_found_too():
  own = OwnTasks.of({'a.toml': CHATS})
  assert own.load('flan2021:rte') is catalog.load('flan2021:rte')
  with pytest.raises(UserError, match=r"task 'mine:mail'.*'mine:mails'"):
    own.load('mine:mail')
  with pytest.raises(UserError, match=r"suite 'mien'. Did you mean 'mine'"):
    own.load('mien:mails')


@pytest.mark.parametrize(
  ('text', 'message'),
  [
    ('suite', 'a.toml is not TOML'),
    ('', 'must be a suite'),
    ('suite = "mine"', r'it has no \[\[tasks\]\]'),
    (TASK.replace('mine', 'niv2'), "suite 'niv2' is the collection's"),
    (f'sweet = 1\n{TASK}', "unknown key 'sweet'"),
    (TASK + TASK.partition('"mine"')[2], "a task 'mine:mails' already"),
    (TASK.replace('email_', 'mail_'), "template family 'mail_subject'"),
    (TASK.replace('family =', 'format = "chat"\nfamily ='), 'one of the two'),
    (CHATS.replace('"chat"', '"chats"'), "format 'chats'. Did you mean 'chat'"),
    (TASK.replace('subject =', 'sub ='), "fills the family's field 'subject'"),
    (TASK + 'tidy = { body = "htlm" }', "'tidy' 'htlm'. Did you mean 'html'"),
    (TASK + 'prepare = "chats"', "'prepare' 'chats'. Did you mean 'chat'"),
    (
      TASK.replace('[tasks.', 'languages = ["xx"]\n[tasks.'),
      "code of a language 'xx'",
    ),
    (
      TASK.replace('[tasks.', 'options = "choices"\n[tasks.'),
      'family email_subject do not show some',
    ),
    (OWN, "template family 'shout'"),
    (OWN + FAMILY.replace('{text}', '{txt}'), "unknown field 'txt'"),
    (TASK + FAMILY.replace('shout', 'email_subject'), 'a family of ours'),
  ],
)
def test_mistakes_are_named_with_their_file(text: str, message: str):
  with pytest.raises(UserError, match=message) as error:
    OwnTasks.of({'a.toml': text})
  assert str(error.value).startswith('a.toml')
