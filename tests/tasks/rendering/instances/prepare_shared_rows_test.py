"""No real row keeps what its source's format has put into the text."""

from pathlib import Path
import re

import numpy as np
from support.flan.rows import rows_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Instances, prepare

COUNT = 400
# In any text; and what a text may have that quotes itself.
JUNK = re.compile(r'\[TABLECONTEXT\]|\[TITLE\]|-[lr][rs]b-', re.IGNORECASE)
OF_TASK = {
  'coqa': re.compile(r"``|''|\w\"\"|\"\"\w"),
  'dart': re.compile(r'\bUNK\b'),
  'gigaword': re.compile(r'\bUNK\b|#'),
  'glue_mrpc': re.compile(r"``|''|n 't\b"),
  'glue_qqp': re.compile('""'),
}


def instances_of(name: str, rows: list[dict[str, object]]) -> Instances:
  task = catalog.load(f'flan2021:{name}')
  sources = {source.kind: source for source in task.sources}
  return prepare(
    rows,
    np.arange(len(rows), dtype=np.uint64),
    task=task,
    source=sources.get('tfds', task.sources[0]),
    seed=0,
  ).instances


def test_texts_are_clean(shared_data: Path) -> None:
  seen = 0
  for name, rows in rows_of(shared_data, COUNT).items():
    instances = instances_of(name, rows)
    texts = [
      text
      for column in instances.columns.values()
      for value in column
      for text in ([value] if isinstance(value, str) else value or ())
    ]
    seen += len(texts)
    for junk in (JUNK, OF_TASK.get(name, JUNK)):
      assert not [text for text in texts if junk.search(text)], name
    if name == 'wsc':
      fields = (instances.columns[f] for f in ('text', 'pronoun'))
      # Whichever of several is meant, its stars tell.
      for text, pronoun in zip(*fields, strict=True):
        assert text.count(f'*{pronoun}*') == 1
  assert seen > 10_000


def test_gigaword_s_marks_are_left_out() -> None:
  texts = 'UNK said so .', 'they have # cars .', 'all -lrb- of us -rrb- sang .'
  rows = [{'document': t, 'summary': 'they sang'} for t in texts]
  (kept,) = instances_of('gigaword', rows).columns['text']
  assert kept == 'all (of us) sang.'
