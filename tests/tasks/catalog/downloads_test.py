"""Single files are of tasks, with checksums where they have sizes."""

import re

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import downloads, facts


def test_every_line_is_of_a_task_and_of_the_place_that_it_has():
  names = {task.name for task in catalog.tasks(left_out=True)}
  assert downloads._table().keys() <= names
  for task in downloads._table():
    of = facts.facts_of(catalog.load(task))
    for one in of.downloads:
      assert bool(one.sha256) == bool(one.bytes)
      assert re.fullmatch('[0-9a-f]{64}|', one.sha256)
      # Below a repository, or from anywhere.
      assert bool(re.match('https?://', one.file)) == (of.how != 'git')
    assert of.bytes == sum(one.bytes for one in of.downloads)


def test_what_is_known_of_all_files():
  known = [facts.facts_of(t).bytes > 0 for t in catalog.tasks(suite='niv2')]
  assert all(known)
  # Nobody states a size, so nobody can say how much it is.
  assert facts.facts_of(catalog.load('flan2021:coqa')).bytes == 0
  inverted = facts.facts_of(catalog.load('cot:gsm8k_explanation'))
  assert inverted.downloads == downloads.downloads_of('cot:gsm8k')
