"""Small suites, and finished runs that train on some of their items."""

from collections.abc import Mapping
import dataclasses
import json
from pathlib import Path

import pytest
from support.corpora import json_lines, prose, write
from support.evaluation import suite_files

from ul2_flan.pipelines import contamination, evaluation, flan, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.run import Plan

ONE = Engine(local_workers=1)

# Eight questions of 20 words; of them the runs have some.
QUESTIONS = [
  ' '.join(f'{word}{i}' for word in prose(1, 20)[0].split()) for i in range(8)
]


@dataclasses.dataclass(frozen=True)
class Made:
  """Runs that a model trains on, and that of evaluation data."""

  folder: Path
  runs: Mapping[str, str]
  suites: str
  ul2: ul2.Config
  flan: flan.Config

  def config(self, *names: str, **changes) -> contamination.Config:
    return contamination.Config(
      manifests=[self.runs[name] for name in names or self.runs],
      evaluation=self.suites,
      **changes,
    )

  def plan(self, *names: str, **changes) -> Plan:
    config = self.config(*names, **changes)
    return contamination.plan(config, output='out').plan


@pytest.fixture(scope='session')
def made(tmp_path_factory, vocabulary_path) -> Made:
  """No test may change it.

  Question 0 is a document, 1 in one; 2 is divided among two documents that are
  joined; 3 is what a row of NIv2 asks; others are nowhere.
  """
  folder = tmp_path_factory.mktemp('contamination')
  lines = [f'{question}\t{i}' for i, question in enumerate(QUESTIONS)]
  mgsm = {**suite_files.MGSM, 'mgsm_de.tsv': '\n'.join(lines) + '\n'}
  for name, text in mgsm.items():
    write(folder / 'mgsm' / name, text.encode())
  words, others = QUESTIONS[2].split(), prose(40, 50)[1:]
  documents = [
    *others[:10], QUESTIONS[0].upper(),
    f'{others[10]} {QUESTIONS[1]}, {others[11]}', *others[12:20],
    f'{others[20]} {" ".join(words[:9])}',
    f'{" ".join(words[9:])} {others[21]}',
    *others[22:],
  ]  # fmt: skip
  rows = [*others[:20], QUESTIONS[3]]
  task = {
    'Definition': ['Say yes.'], 'Positive Examples': [],
    'Negative Examples': [],
    'Instances': [
      {'id': f'i{i}', 'input': row, 'output': ['yes']}
      for i, row in enumerate(rows)
    ],
  }  # fmt: skip
  name = 'task190_snli_classification'
  write(folder / f'niv2/{name}.json', json.dumps(task).encode())
  text = write(
    folder / 'a.jsonl', json_lines({'text': text} for text in documents)
  )
  common = {'vocabulary': vocabulary_path, 'provenance': True}
  lengths = {'inputs_length': 512, 'targets_length': 512}
  runs = {name: str(folder / 'runs' / name) for name in ('ul2r', 'flan')}
  of_text = ul2.Config(
    inputs=[text], min_shards=1, validation_fraction=0, **common, **lengths
  )
  ul2.run(of_text, output=runs['ul2r'], engine=ONE)
  of_tasks = flan.Config(
    sources={'niv2': [str(folder / 'niv2')]}, tasks=[f'niv2:{name}'],
    left_out=True, settings=['zs_opt', 'fs_opt'], validation_fraction=0,
    **common, **lengths,
  )  # fmt: skip
  flan.run(of_tasks, output=runs['flan'], engine=ONE)
  suites = str(folder / 'runs/eval')
  config = evaluation.Config(
    sources={'mgsm': [str(folder / 'mgsm')]},
    vocabulary=vocabulary_path, allow_unwritable=True,
  )  # fmt: skip
  evaluation.run(config, output=suites, engine=ONE)
  return Made(folder, runs, suites, of_text, of_tasks)


@pytest.fixture(scope='session')
def report(made, tmp_path_factory) -> Path:
  """What a search through all runs wrote; no test may change it."""
  output = tmp_path_factory.mktemp('report') / 'out'
  contamination.run(made.config(), output=str(output), engine=ONE)
  return output
