"""The rows of U-PaLM's benchmarks that shared data has, under authors' names.

Eight data sets of SuperGLUE, Natural Questions, TriviaQA and OpenBookQA are as
their authors published them. PIQA, Winogrande and ARC are instructions, made of
rows by AGI-Edgerunners/LLM-Adapters; here they are made back into rows.
"""

from collections.abc import Callable
import gzip
import json
from pathlib import Path
import re
import tarfile
from typing import Any

# The first rows of each file.
_ROWS = 24

# SuperGLUE's folders; FewGLUE has only rows for training.
_SUPER_GLUE = {
  'boolq': 'BoolQ', 'cb': 'CB', 'copa': 'COPA', 'multirc': 'MultiRC',
  'record': 'ReCoRD', 'rte': 'RTE', 'wic': 'WiC', 'wsc': 'WSC',
}  # fmt: skip

KEYS = (
  *_SUPER_GLUE, 'natural_questions', 'trivia_qa', 'openbookqa', 'piqa',
  'winogrande', 'arc_easy', 'arc_challenge',
)  # fmt: skip


def write(shared_data: Path, root: Path) -> Path:
  """Writes files of all of `KEYS`, as of the splits that papers report."""
  data = shared_data / 'flan2021'
  for folder in _SUPER_GLUE.values():
    lines = (data / 'super_glue' / folder / 'train.jsonl').read_text()
    _write(root / folder / 'val.jsonl', lines.splitlines()[:_ROWS])
  questions = (data / 'nq_open/NQ-open.dev.jsonl').read_text().splitlines()
  _write(root / 'NQ-open.dev.jsonl', questions[:_ROWS])
  with tarfile.open(data / 'raw_layout_samples/triviaqa-sample.tgz') as archive:
    file = archive.extractfile('qa/web-dev.json')
    assert file
    (root / 'unfiltered-web-dev.json').write_bytes(file.read())
  table = gzip.decompress((data / 'openbookqa/train.tsv.gz').read_bytes())
  _write(root / 'openbookqa/test.tsv', table.decode().split('\n')[: _ROWS + 1])
  for source, target, row in (
    ('piqa/test.part1.json.gz', 'piqa/validation.jsonl', _piqa),
    ('winogrande/test.part1.json', 'winogrande_1.1/dev.jsonl', _winogrande),
    ('ARC-Easy/train.json.gz', 'ARC-Easy-Test.jsonl', _arc),
    ('ARC-Challenge/train.json.gz', 'ARC-Challenge-Test.jsonl', _arc),
  ):
    _write(root / target, _rows(data / 'llm_adapters' / source, row))
  return root


def _write(path: Path, lines: list[str]) -> None:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text('\n'.join(lines) + '\n')


def _rows(path: Path, row: Callable[..., dict[str, Any]]) -> list[str]:
  data = path.read_bytes()
  text = gzip.decompress(data) if path.suffix == '.gz' else data
  return [
    json.dumps(row(_parts(one['instruction']), int(one['answer'][-1])))
    for one in json.loads(text)[:_ROWS]
  ]


def _parts(instruction: str) -> list[str]:
  """The question and the choices of an instruction."""
  _, _, text = instruction.partition(': ')
  text, _, _ = text.rpartition('Answer format:')
  parts = re.split(r'\s*(?:Solution|Option|Answer)\d: ', text)
  return [part.strip() for part in parts]


def _piqa(parts: list[str], answer: int) -> dict[str, Any]:
  goal, first, second = parts
  return {'goal': goal, 'sol1': first, 'sol2': second, 'label': answer - 1}


def _winogrande(parts: list[str], answer: int) -> dict[str, Any]:
  sentence, first, second = parts
  return {
    'sentence': sentence, 'option1': first, 'option2': second,
    'answer': str(answer),
  }  # fmt: skip


def _arc(parts: list[str], answer: int) -> dict[str, Any]:
  question, *choices = parts
  return {
    'question': {
      'stem': question,
      'choices': [
        {'text': text, 'label': letter}
        for text, letter in zip(choices, 'ABCDE', strict=False)
      ],
    },
    'answerKey': 'ABCDE'[answer - 1],
  }
