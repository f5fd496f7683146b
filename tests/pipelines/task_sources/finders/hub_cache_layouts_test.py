"""What `huggingface_hub` itself leaves on a disk is found: cache and folder."""

import io
import json

import huggingface_hub
import huggingface_hub.constants
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.buckets.hub import Hub

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks import catalog

OPTIONS = ReadOptions()

# Ten tasks, where the hub has their data, and a row of each.
TASKS = {
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


def parquet(row: dict) -> bytes:
  file = io.BytesIO()
  pq.write_table(pa.Table.from_pylist([row] * 300), file)
  return file.getvalue()


@pytest.fixture
def hub(monkeypatch):
  repos: dict[str, dict[str, dict[str, bytes]]] = {}
  for place, row in TASKS.values():
    owner, name, folder = place.split('/')
    files = repos.setdefault(f'datasets/{owner}/{name}', {'main': {}})['main']
    files['README.md'] = b'# data'
    files['dataset_infos.json'] = json.dumps({}).encode()
    stem = 'train_r1' if name == 'anli' else 'train'
    files[f'{folder}/{stem}-00000-of-00001.parquet'] = parquet(row)
  with Hub(repos).served() as served:
    monkeypatch.setattr(
      huggingface_hub.constants, 'HF_HUB_DISABLE_XET', True, raising=False
    )
    yield served


@pytest.mark.parametrize('kind', ['cache', 'local_dir'])
def test_ten_data_sets_are_found(hub, tmp_path, kind):
  for repo in hub.repos:
    name = repo.removeprefix('datasets/')
    where = (
      {'cache_dir': tmp_path}
      if kind == 'cache'
      else {'local_dir': tmp_path / name.partition('/')[2]}
    )
    huggingface_hub.snapshot_download(
      name,
      repo_type='dataset',
      endpoint=hub.url,
      token=False,
      etag_timeout=2,
      **where,
    )
  index = Index.of([str(tmp_path)])
  for task_name in TASKS:
    task = catalog.load(f'flan2021:{task_name}')
    found = locate(task, index, OPTIONS)
    assert found, task_name
    (piece, *_) = found.splits['train']
    block = next(read(piece, task, task.sources[found.source], OPTIONS))
    assert len(block), (task_name, block.rejects[:1])
