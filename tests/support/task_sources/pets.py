"""A small data set, as raw rows, and templates of promptsource's for it."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog

YAML = """
dataset: pets
subset: small
templates:
  1: !Template
    answer_choices: no ||| yes
    jinja: 'Is {{name}} {{how_much}} tame? ||| {{answer_choices[label]}}'
    metadata: !TemplateMetadata
      original_task: true
    name: is it tame?
  2: !Template
    answer_choices: null
    jinja: >-
      {% if label %}{{ ["Who", "What"] | choice }}? ||| {{name}}{% endif %}
    name: who…
  3: !Template
    answer_choices: null
    jinja: 'Divide. ||| {{ (1 / label) }}'
    name: divide
  4: !Template
    answer_choices: null
    jinja: '{% if ||| {{name}}'
    name: broken
"""


ROWS = [
  {'name': 'Rex', 'how-much': 'quite', 'label': 1},
  {'name': 'Tom ||| Ada', 'how-much': 'very', 'label': 1},
  {'name': 'Io', 'how-much': 'a bit', 'label': 0},
]


def raw_rows(tmp_path: Path, parquet: bool = False) -> str:
  folder = tmp_path / 'rows' / 'pets' / 'small'
  folder.mkdir(parents=True, exist_ok=True)
  if parquet:
    pq.write_table(pa.Table.from_pylist(ROWS), folder / 'train.parquet')
  else:
    lines = ''.join(json.dumps(row) + '\n' for row in ROWS)
    (folder / 'train.jsonl').write_text(lines)
  return str(tmp_path / 'rows')


def task_of(subset: str) -> catalog.Task:
  return catalog.unlisted('t0_sf', subset)


def options_in(tmp_path: Path) -> ReadOptions:
  """Writes the templates, and returns options that name their checkout."""
  folder = tmp_path / 'checkout' / 'promptsource' / 'templates'
  (folder / 'pets' / 'small').mkdir(parents=True)
  (folder / 'pets' / 'small' / 'templates.yaml').write_text(YAML)
  return ReadOptions(promptsource=str(tmp_path / 'checkout'))


def p3_templates(shared_data: Path) -> str:
  return str(shared_data / 'p3' / 'promptsource_templates')
