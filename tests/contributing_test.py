"""The examples of CONTRIBUTING.md do what it says."""

import importlib
from pathlib import Path
import re
import shutil
import sys
import types

from apache_beam.runners.portability.fn_api_runner import FnApiRunner
import pytest
from support.collection_runs import flan_run
from support.corpora import documents, write

from ul2_flan.mixtures import definition
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.sources import DocumentBlock, SourceOptions, formats
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import catalog, denoising, shipped
from ul2_flan.tasks.catalog import files as catalog_files
from ul2_flan.tasks.rendering.sheet import sheet
from ul2_flan.tasks.rendering.templates.family import parse_family

ROOT = Path(__file__).parents[1]
SECTIONS = re.split(
  r'^### ', (ROOT / 'CONTRIBUTING.md').read_text(), flags=re.M
)
EXAMPLES = {
  section.partition('\n')[0]: re.search(r'```\w+\n(.*?)```', section, re.S)[1]
  for section in SECTIONS[1:]
}
# Indented, so that they are read as they stand there.
TABLE, TASK, FAMILY, MIXTURE, FORMAT, ENGINE, SUITE = EXAMPLES.values()


def test_all_that_people_add_has_an_example():
  assert list(EXAMPLES) == [
    'A table of denoisers',
    'A task',
    'A template family',
    'A mixture',
    'A source format',
    'An engine',
    'An evaluation suite',
  ]


@pytest.mark.parametrize('title', EXAMPLES)
def test_each_is_explained_in_few_lines(title: str):
  (section,) = [s for s in SECTIONS if s.startswith(title + '\n')]
  prose = section.partition('\n')[2].partition('```')[0].strip()
  assert 3 <= len(prose.splitlines()) <= 6


def test_the_table_of_denoisers(tmp_path: Path, vocabulary_path: str):
  (tmp_path / 'mine.toml').write_text(TABLE)
  config = ul2.Config(
    inputs=[write(tmp_path / 'a.jsonl', documents(20))],
    vocabulary=vocabulary_path,
    denoisers=str(tmp_path / 'mine.toml'),
    inputs_length=64,
    targets_length=64,
  )
  assert denoising.parse_table(TABLE, 'mine').name == 'short_spans'
  planned = ul2.plan(config, output=str(tmp_path / 'out'))
  assert planned.plan.data_sets == ('short_spans',)
  assert 's_25' in planned.outline


def test_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
  copy = tmp_path / 'catalog'
  shutil.copytree(ROOT / 'tasks' / 'catalog', copy)
  with (copy / 'flan2021/yes_no_question.toml').open('a') as file:
    file.write('\n' + TASK)
  monkeypatch.setattr(shipped, '_TASKS', tmp_path)
  tasks = catalog_files.read_suite('flan2021')
  monkeypatch.undo()
  (task,) = [t for t in tasks if t.name == 'flan2021:my_questions']
  assert task.cap == catalog.load('flan2021:bool_q').cap
  assert any('passage' in line.lower() for line in sheet(task, seed=0))


def test_the_template_family():
  family = parse_family(FAMILY, 'larger_number', 'larger_number.toml')
  assert [template.inputs for template in family.templates] == [
    'Which is larger, {numbers}?'
  ]
  assert len(family.samples) == 2


def test_the_mixture(tmp_path: Path):
  (tmp_path / 'mine.toml').write_text(MIXTURE)
  mixture = definition.load('reasoning_first', [str(tmp_path / 'mine.toml')])
  members = resolve(mixture, [flan_run()]).members
  shares = {'cot': 0.0, 'dialog': 0.0}
  for member in members:
    shares[member.task.split(':')[0]] += member.rate
  assert shares == pytest.approx({'cot': 0.5, 'dialog': 0.5})


def test_the_source_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
  names = {
    'DocumentBlock': DocumentBlock,
    'READERS': formats.READERS,
    'files': files,
  }
  exec(FORMAT, names)
  monkeypatch.setattr(formats, 'READERS', names['READERS'])
  path = write(tmp_path / 'a.double', b'one\nline\n\nanother')
  options = SourceOptions(format='double_spaced')
  (piece,) = formats.split(path, 17, 100, options)
  (block,) = formats.read(piece, options)
  assert block.texts == ['one line', 'another']


def test_the_engine(
  tmp_path: Path,
  vocabulary_path: str,
  monkeypatch: pytest.MonkeyPatch,
  capsys: pytest.CaptureFixture[str],
):
  module = types.ModuleType('my_runners')
  module.FnApiRunner, module.Engine = FnApiRunner, ul2.Engine
  exec(ENGINE, vars(module))
  monkeypatch.setitem(sys.modules, 'my_runners', module)
  config = ul2.Config(
    inputs=[write(tmp_path / 'a.jsonl', documents(20))],
    vocabulary=vocabulary_path,
    inputs_length=64,
    targets_length=64,
    min_shards=2,
  )
  manifest = ul2.run(config, output=str(tmp_path / 'a'), engine=module.engine)
  assert 'here I go' in capsys.readouterr().out
  here = ul2.run(config, output=str(tmp_path / 'b'))
  assert manifest.data_sets == here.data_sets


def test_the_evaluation_suite(monkeypatch: pytest.MonkeyPatch):
  # The package exports a function of the module's name.
  scoring = importlib.import_module('ul2_flan.tasks.evaluation.scoring')
  names = {'KINDS': scoring.KINDS}
  exec(SUITE, names)
  monkeypatch.setattr(scoring, 'KINDS', names['KINDS'])
  made = scoring.scoring('starts_right')
  scores = made.metric_fn(['yes', 'no'], ['yes, it is', 'yes'])
  assert scores == {'starts_right': 50.0}
