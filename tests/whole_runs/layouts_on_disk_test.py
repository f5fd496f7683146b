"""Ten data sets are found however the libraries that have them write them."""

from collections.abc import Callable
import json
from pathlib import Path
import subprocess
import tempfile
import zipfile

import numpy as np
import pytest
from support.buckets.hub import Hub
from support.task_sources.ten_data_sets import (
  ROWS,
  TASKS,
  repositories,
  split_of,
)

from ul2_flan.pipelines import flan


def clones(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  """Clones repositories with git, as people do with those of the hub."""
  monkeypatch.setenv('GIT_CONFIG_GLOBAL', str(root / 'none'))
  for name, files in repositories().items():
    origin = root / 'origins' / name
    for path, data in {**files, '.gitattributes': b'*.bin -text\n'}.items():
      (origin / path).parent.mkdir(parents=True, exist_ok=True)
      (origin / path).write_bytes(data)
    as_me = ['-c', 'user.name=me', '-c', 'user.email=me@localhost']
    for command in (
      ['init', '-q'],
      ['add', '.'],
      [*as_me, 'commit', '-qm', 'x'],
      ['clone', '-q', '.', str(root / 'data' / name.partition('/')[2])],
    ):
      subprocess.run(['git', *command], cwd=origin, check=True)


def _downloads(hub: Hub, where: Callable[[str], dict[str, Path]]) -> None:
  huggingface_hub = pytest.importorskip('huggingface_hub')
  for name in repositories():
    huggingface_hub.snapshot_download(
      name,
      repo_type='dataset',
      endpoint=hub.url,
      token=False,
      etag_timeout=2,
      **where(name),
    )


def hub_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  _downloaded(monkeypatch, lambda name: {'cache_dir': root / 'data'})


def local_dirs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  _downloaded(
    monkeypatch,
    lambda name: {'local_dir': root / 'data' / name.partition('/')[2]},
  )


def _downloaded(
  monkeypatch: pytest.MonkeyPatch, where: Callable[[str], dict[str, Path]]
) -> None:
  constants = pytest.importorskip('huggingface_hub.constants')
  monkeypatch.setattr(constants, 'HF_HUB_DISABLE_XET', True, raising=False)
  repos = {f'datasets/{n}': {'main': f} for n, f in repositories().items()}
  with Hub(repos).served() as hub:
    _downloads(hub, where)


def saved(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  """Saves with `datasets`, each in one of four ways."""
  datasets = pytest.importorskip('datasets')
  monkeypatch.setattr(datasets.config, 'HF_DATASETS_CACHE', root / 'cache')
  datasets.disable_progress_bars()
  for i, (task, (place, row)) in enumerate(TASKS.items()):
    _, name, configuration = place.split('/')
    folder = root / 'data' / name
    if name in ('glue', 'super_glue', 'ai2_arc'):
      folder /= configuration
    made = datasets.Dataset.from_list([row] * ROWS)
    split = split_of(task)
    nested = any(isinstance(v, (list, dict)) for v in row.values())
    if i % 4 == 0:
      datasets.DatasetDict({split: made}).save_to_disk(folder)
      continue
    folder.mkdir(parents=True)
    if i % 4 == 1:
      made.to_parquet(folder / f'{split}.parquet')
    elif i % 4 == 2 or nested:
      made.to_json(folder / f'{split}.jsonl')
    else:
      made.to_csv(folder / f'{split}.csv')


def tfds_directories(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  """Prepares data sets with TFDS, which leaves folders behind."""
  monkeypatch.setattr(tempfile, 'tempdir', str(root))
  # TFDS needs it to write, and does not say so.
  pytest.importorskip('importlib_resources')
  pytest.importorskip('tensorflow')
  tfds = pytest.importorskip('tensorflow_datasets')

  def label(*names: str) -> object:
    return tfds.features.ClassLabel(names=names)

  for name, row, labels in (
    ('bool_q:1.0.0', {'question': 'is it', 'passage': 'It is.', 'title': 'It',
                      'answer': True}, ()),
    ('glue/cola:2.0.0', {'sentence': 'It is.', 'label': 1},
     ('unacceptable', 'acceptable')),
    ('glue/sst2:2.0.0', {'sentence': 'Good.', 'label': 1},
     ('negative', 'positive')),
    ('super_glue/rte:1.0.2', {'premise': 'It is.', 'hypothesis': 'It was.',
                              'label': 1}, ('entailment', 'not_entailment')),
    ('glue/wnli:2.0.0', {'sentence1': 'It is.', 'sentence2': 'It was.',
                         'label': 1}, ('not_entailment', 'entailment')),
    ('snli:1.1.0', {'premise': 'It is.', 'hypothesis': 'It was.', 'label': 1},
     ('entailment', 'neutral', 'contradiction')),
    ('imdb_reviews/plain_text:1.0.0', {'text': 'Good.', 'label': 1},
     ('neg', 'pos')),
    ('aeslc:1.0.0', {'email_body': 'It is.', 'subject_line': 'Is'}, ()),
    ('multi_news:1.0.0', {'document': 'It is.', 'summary': 'Is'}, ()),
    ('piqa:1.0.0', {'goal': 'To sit', 'sol1': 'sit', 'sol2': 'stand',
                    'label': 0}, ('0', '1')),
  ):  # fmt: skip
    name, version = name.split(':')
    name, _, configuration = name.partition('/')
    kinds = {str: tfds.features.Text(), bool: tfds.features.Scalar(np.bool_)}
    tfds.dataset_builders.store_as_tfds_dataset(
      name=name,
      version=version,
      config=configuration or None,
      features=tfds.features.FeaturesDict(
        {
          column: label(*labels) if column == 'label' else kinds[type(value)]
          for column, value in row.items()
        }
      ),
      split_datasets={
        split: [(i, row) for i in range(count)]
        for split, count in (('train', ROWS), ('validation', 3), ('test', 3))
      },
      data_dir=root / 'data',
    )


TFDS_TASKS = (
  'bool_q', 'cola', 'sst2', 'rte', 'wnli', 'snli', 'imdb_reviews', 'aeslc',
  'multi_news', 'piqa',
)  # fmt: skip


def archives(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
  """Unpacks archives as the authors of data sets publish them."""
  pair = {'premise': 'It is.', 'hypothesis': 'It was.', 'label': 'entailment'}
  lines = {
    'CB/{}.jsonl': pair,
    'RTE/{}.jsonl': pair,
    'COPA/{}.jsonl': {'premise': 'It is.', 'choice1': 'a', 'choice2': 'b',
                      'question': 'cause', 'label': 0},
    'BoolQ/{}.jsonl': {'question': 'is it', 'passage': 'It is.', 'label': True},
    'WiC/{}.jsonl': {'word': 'is', 'sentence1': 'It is.', 'sentence2': 'Is it?',
                     'label': True},
    'snli_1.0/snli_1.0_{}.jsonl': {'sentence1': 'It is.', 'sentence2': 'It.',
                                   'gold_label': 'neutral'},
    'nq/NQ-open.{}.jsonl': {'question': 'what is it', 'answer': ['a']},
  }  # fmt: skip
  tables = {
    'CoLA/{}.tsv': ('', 'x\t1\t\tIt is.\n'),
    'SST-2/{}.tsv': ('sentence\tlabel\n', 'It is good.\t1\n'),
    'WNLI/{}.tsv': (
      'index\tsentence1\tsentence2\tlabel\n', '0\tIt is.\tIt was.\t1\n'
    ),
  }  # fmt: skip
  texts = {name: (json.dumps(row) + '\n') * ROWS for name, row in lines.items()}
  texts |= {name: head + row * ROWS for name, (head, row) in tables.items()}
  for name, text in texts.items():
    archive = root / f'{name.partition("/")[0]}.zip'
    with zipfile.ZipFile(archive, 'w') as zipped:
      zipped.writestr(name.format('train'), text)
    with zipfile.ZipFile(archive) as zipped:
      zipped.extractall(root / 'data')


ARCHIVE_TASKS = (
  'cb', 'rte', 'copa', 'bool_q', 'wic', 'snli', 'natural_questions', 'cola',
  'sst2', 'wnli',
)  # fmt: skip


@pytest.mark.parametrize(
  ('layout', 'tasks'),
  [
    (clones, TASKS),
    (hub_cache, TASKS),
    (local_dirs, TASKS),
    (saved, TASKS),
    (tfds_directories, TFDS_TASKS),
    (archives, ARCHIVE_TASKS),
  ],
)
def test_one_command_finds_ten_data_sets(
  layout, tasks, tmp_path, monkeypatch, vocabulary_path, capsys
):
  layout(tmp_path, monkeypatch)
  names = [f'flan2021:{task}' for task in tasks]
  given = [f'--source=flan2021={tmp_path}/data', f'--tasks={",".join(names)}']
  given += ['--vocabulary', str(vocabulary_path), '--settings=zs_noopt']
  given += ['--output', str(tmp_path / 'out'), '--local_workers=1', '--strict']
  assert flan.main(given) == 0
  made = json.loads((tmp_path / 'out/manifest.json').read_text())
  have = {name.split(':')[2] for name in made['data_sets']}
  assert have == set(tasks)
