"""Ten data sets of Flan 2021 as the hub has them, with a row of each."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# By the task: the folder on the hub, and a row.
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
  'bool_q': (
    'google/boolq/data',
    {'question': 'is it', 'passage': 'It is.', 'answer': True},
  ),
  'cola': ('nyu-mll/glue/cola', {'sentence': 'It is.', 'label': 1}),
  'sst2': ('nyu-mll/glue/sst2', {'sentence': 'It is good.', 'label': 1}),
  'rte': (
    'aps/super_glue/rte',
    {'premise': 'It is.', 'hypothesis': 'It was.', 'label': 1},
  ),
  'anli_r1': (
    'facebook/anli/plain_text',
    {'premise': 'It is.', 'hypothesis': 'It was.', 'label': 1},
  ),
  'arc_easy': (
    'allenai/ai2_arc/ARC-Easy',
    {
      'question': 'What is it?',
      'choices': {'text': ['this', 'that'], 'label': ['A', 'B']},
      'answerKey': 'A',
    },
  ),
  'xsum': ('EdinburghNLP/xsum/data', {'document': 'It is.', 'summary': 'Is.'}),
  'ag_news_subset': ('fancyzhx/ag_news/data', {'text': 'A. B.', 'label': 2}),
  'hellaswag': (
    'Rowan/hellaswag/data',
    {
      'ctx': 'He sits', 'ctx_a': 'He', 'ctx_b': 'sits', 'activity_label': 'a',
      'endings': ['down.', 'up.', 'in.', 'on.'], 'label': '0',
    },
  ),
  'piqa': (
    'ybisk/piqa/plain_text',
    {'goal': 'To sit', 'sol1': 'sit', 'sol2': 'stand', 'label': 0},
  ),
}  # fmt: skip

# Enough for a validation split of the last 200.
ROWS = 300


def split_of(task: str) -> str:
  return 'train_r1' if task == 'anli_r1' else 'train'


def _parquet(row: dict[str, Any]) -> bytes:
  file = io.BytesIO()
  pq.write_table(pa.Table.from_pylist([row] * ROWS), file)
  return file.getvalue()


def repositories() -> dict[str, dict[str, bytes]]:
  """Files of the repositories, by `organisation/name`."""
  repos: dict[str, dict[str, bytes]] = {}
  for task, (place, row) in TASKS.items():
    owner, name, folder = place.split('/')
    files = repos.setdefault(f'{owner}/{name}', {})
    files['README.md'] = b'# data'
    files['dataset_infos.json'] = b'{}'
    files[f'{folder}/{split_of(task)}-00000-of-00001.parquet'] = _parquet(row)
  return repos
