"""All suites' data on loopback copies of the three kinds of server.

Small rows that are made up, below the names that the catalog has for them.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any
import zipfile

from support.buckets.archives import COMMIT, archive_of, cot_files
from support.buckets.hub import Hub
from support.corpora import json_lines, tfrecord
from support.task_files import NIV2, sentence, write_niv2
from support.task_sources.prepared_directories import features

from ul2_flan.tasks.catalog import downloads
from ul2_flan.tasks.catalog.downloads import Download
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import encode_examples, frame_records

# A task or more of each suite: from repositories, the hub, URLs and TFDS.
SUBSET = 'adversarial_qa_dbert_answer_the_following_q'
TASKS = (
  'cot:gsm8k', 'cot:gsm8k_explanation', *(f'niv2:{n}' for n in NIV2[:2]),
  'dialog:task_master', 'dialog:qrecc', f't0_sf:{SUBSET}',
  'flan2021:cb', 'flan2021:natural_questions', 'flan2021:glue_mrpc',
)  # fmt: skip

# Of a work item of `flan`, so that the run has several.
ITEM_BYTES = 1 << 17

# Repositories of which the catalog states no commit.
OTHER_COMMIT = '5' * 40

_CB = 'https://dl.fbaipublicfiles.com/glue/superglue/data/v2/CB.zip'
_NQ = 'https://raw.githubusercontent.com/nq/NQ-open.{}.jsonl'


def servers(folder: Path) -> Hub:
  """Makes a server that is a git host, the hub and a mirror of URLs.

  Args:
    folder: for files that are made on the way.
  """
  split = {
    f'data/{SUBSET}/{split}.tfrecord-0000{i}-of-00002': tfrecord(
      {
        'inputs_pretokenized': f'{sentence(i + 2 * k)} {k}?'.encode(),
        'targets_pretokenized': f'\n{k}'.encode(),
      }
      for k in range(n)
    )
    for split, n in (('train', 30), ('validation', 5))
    for i in range(2)
  }
  p3 = {'README.md': b'# P3', 'data/other/train': b'not wanted', **split}
  hub = Hub({'datasets/bigscience/P3': {'main': p3}})
  for revision in ('e9e4ec6', COMMIT):
    hub.others[f'google-research/FLAN/tar.gz/{revision}'] = archive_of(
      cot_files()
    )
  for repository, files in _repositories(folder).items():
    for revision in ('HEAD', OTHER_COMMIT):
      hub.others[f'{repository}/tar.gz/{revision}'] = archive_of(
        files, OTHER_COMMIT
      )
  for url, data in _urls().items():
    hub.others[url.partition('://')[2]] = data
  return hub


def known() -> dict[str, tuple[Download, ...]]:
  """The catalog's table of downloads, with those of our servers in it."""
  table = {
    task: its
    for task, its in downloads._table().items()
    if not task.startswith(('cot:', 'niv2:'))
  }
  urls = {
    url: Download(url, len(data), hashlib.sha256(data).hexdigest())
    for url, data in _urls().items()
  }
  table['flan2021:cb'] = (urls[_CB],)
  table['flan2021:natural_questions'] = tuple(
    urls[_NQ.format(split)] for split in ('train', 'dev')
  )
  return table


def _repositories(folder: Path) -> dict[str, dict[str, bytes]]:
  files = {'README.md': b'# Tasks'}
  for name in NIV2[:2]:
    files[f'tasks/{name}.json'] = write_niv2(folder, name, 40).read_bytes()
  dialogues = [
    {
      'conversation_id': f'{i}',
      'utterances': [
        {'speaker': ('USER', 'ASSISTANT')[k % 2], 'text': sentence(i + k)}
        for k in range(12)
      ],
    }
    for i in range(20)
  ]
  turns = [
    {
      'Context': [sentence(i), sentence(i + 1)], 'Question': f'And {i}?',
      'Rewrite': f'And what of {i}?', 'Answer': sentence(i + 2),
    }
    for i in range(30)
  ]  # fmt: skip
  return {
    'allenai/natural-instructions': files,
    'google-research-datasets/Taskmaster': {
      'TM-1-2019/self-dialogs.json': json.dumps(dialogues).encode(),
      'TM-1-2019/ontology.json': b'{}',
    },
    'apple/ml-qrecc': {
      'dataset/qrecc_data.zip': zipped(
        {
          'qrecc_train.json': json.dumps(turns).encode(),
          'qrecc_test.json': json.dumps(turns[:5]).encode(),
          '__MACOSX/._qrecc_train.json': b'',
        }
      )
    },
  }


def _urls() -> dict[str, bytes]:
  rows = [
    {
      'premise': sentence(i), 'hypothesis': sentence(i + 3), 'idx': i,
      'label': ('entailment', 'contradiction', 'neutral')[i % 3],
    }
    for i in range(80)
  ]  # fmt: skip
  asked = [
    {'question': f'what is {sentence(i, 3)}', 'answer': [f'{i}', 'one']}
    for i in range(230)
  ]
  return {
    _CB: zipped(
      {
        'CB/train.jsonl': json_lines(rows),
        'CB/val.jsonl': json_lines(rows[:9]),
        'CB/notes.txt': b'not wanted',
      }
    ),
    _NQ.format('train'): json_lines(asked),
    _NQ.format('dev'): json_lines(asked[:7]),
  }


def zipped(files: dict[str, bytes]) -> bytes:
  out = io.BytesIO()
  with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as zipped:
    for name, data in files.items():
      # Of one date, so that checksums stay.
      zipped.writestr(zipfile.ZipInfo(name), data)
  return out.getvalue()


def write_prepared(root: Path) -> None:
  """Writes GLUE's MRPC as TFDS prepares it."""
  folder = root / 'glue/mrpc/2.0.0'
  folder.mkdir(parents=True)
  kinds = {'sentence1': 'text', 'sentence2': 'text', 'label': 'classLabel'}
  (folder / 'features.json').write_text(features(kinds))
  (folder / 'label.labels.txt').write_text('not_equivalent\nequivalent\n')
  splits: list[dict[str, Any]] = []
  for split, count in (('train', 240), ('validation', 6)):
    splits.append({'name': split, 'shardLengths': [str(count)]})
    name = f'glue-{split}.tfrecord-00000-of-00001'
    rows = [(sentence(i), sentence(i + i % 2)) for i in range(count)]
    columns = {
      'sentence1': [a.encode() for a, _ in rows],
      'sentence2': [b.encode() for _, b in rows],
      'label': Ragged.of([[i % 2] for i in range(count)]),
    }
    (folder / name).write_bytes(frame_records(encode_examples(columns)))
  told = {'name': 'glue', 'splits': splits}
  (folder / 'dataset_info.json').write_text(json.dumps(told))
