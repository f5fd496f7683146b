"""Raw rows through promptsource's templates: found, filled in, counted."""

from collections.abc import Iterator, Mapping
import csv
import dataclasses
import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.pipelines.task_sources.promptsource.templates import find
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import prepare

_YAML = """
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

_ROWS = [
  {'name': 'Rex', 'how-much': 'quite', 'label': 1},
  {'name': 'Tom ||| Ada', 'how-much': 'very', 'label': 1},
  {'name': 'Io', 'how-much': 'a bit', 'label': 0},
]


@pytest.fixture
def options(tmp_path: Path) -> ReadOptions:
  folder = tmp_path / 'checkout' / 'promptsource' / 'templates'
  (folder / 'pets' / 'small').mkdir(parents=True)
  (folder / 'pets' / 'small' / 'templates.yaml').write_text(_YAML)
  return ReadOptions(promptsource=str(tmp_path / 'checkout'))


def _rows(tmp_path: Path, parquet: bool = False) -> str:
  folder = tmp_path / 'rows' / 'pets' / 'small'
  folder.mkdir(parents=True, exist_ok=True)
  if parquet:
    pq.write_table(pa.Table.from_pylist(_ROWS), folder / 'train.parquet')
  else:
    lines = ''.join(json.dumps(row) + '\n' for row in _ROWS)
    (folder / 'train.jsonl').write_text(lines)
  return str(tmp_path / 'rows')


def _task(subset: str) -> catalog.Task:
  return catalog.unlisted('t0_sf', subset)


def _records(
  subset: str, root: str, options: ReadOptions
) -> tuple[list[Mapping[str, Any]], list[int], list[tuple[str, str]]]:
  """Records, keys, and the reasons and details of rejects."""
  task = _task(subset)
  located = locate(task, Index.of([root]), options)
  assert located is not None
  blocks = [
    block
    for piece in located.splits['train']
    for block in read(piece, task, task.sources[located.source], options)
  ]
  return (
    [record for block in blocks for record in block.rows],
    [key for block in blocks for key in block.keys.tolist()],
    [(r.reason, r.detail) for block in blocks for r in block.rejects],
  )


def test_records_are_as_p3_has_them(
  tmp_path: Path, options: ReadOptions
) -> None:
  rows, keys, rejects = _records(
    'pets_small_is_it_tame_', _rows(tmp_path), options
  )
  assert rows[1] == {
    'inputs_pretokenized': 'Is Tom ||| Ada very tame?',
    'targets_pretokenized': '\nyes',
    'answer_choices': ['no', 'yes'],
  }
  assert len(set(keys)) == 3
  assert not rejects
  task = _task('pets_small_is_it_tame_')
  prepared = prepare(
    rows,
    np.array(keys, np.uint64),
    task=task,
    source=task.sources[0],
    seed=0,
  )
  assert prepared.rows.columns['answer'] == ['yes', 'yes', 'no']


def test_rank_classification_has_the_right_answers_alone(
  tmp_path: Path, options: ReadOptions
) -> None:
  root = _rows(tmp_path)
  ranked = _records('pets_small_is_it_tame__score_eval', root, options)
  assert ranked == _records('pets_small_is_it_tame_', root, options)


def test_chance_is_the_row_s(tmp_path: Path, options: ReadOptions) -> None:
  lines = _records('pets_small_who_', _rows(tmp_path), options)
  other = tmp_path / 'other'
  table = _records('pets_small_who_', _rows(other, parquet=True), options)
  in_ones = dataclasses.replace(options, block_rows=1)
  assert lines == table
  assert lines == _records('pets_small_who_', _rows(tmp_path), in_ones)


def test_choices_are_drawn_evenly(tmp_path: Path, options: ReadOptions) -> None:
  folder = Path(_rows(tmp_path)) / 'pets' / 'small'
  rows = ({'name': f'Rex {i}', 'label': 1} for i in range(400))
  (folder / 'train.jsonl').write_text(
    ''.join(json.dumps(row) + '\n' for row in rows)
  )
  rows, _, _ = _records('pets_small_who_', str(tmp_path / 'rows'), options)
  whos = sum('Who' in r['inputs_pretokenized'] for r in rows)
  # Six standard deviations.
  assert abs(whos - 200) < 60


def test_a_row_that_the_template_passes_over(
  tmp_path: Path, options: ReadOptions
) -> None:
  rows, _, rejects = _records('pets_small_who_', _rows(tmp_path), options)
  assert len(rows) == 2
  assert rejects == [
    ('empty_template', 'pets/small: who…: no prompt, or no target')
  ]


@pytest.mark.parametrize(
  ('subset', 'bad', 'words'),
  [
    ('pets_small_divide', 1, 'ZeroDivisionError'),
    ('pets_small_broken', 3, 'TemplateSyntaxError'),
  ],
)
def test_a_template_that_fails_is_named(
  tmp_path: Path, options: ReadOptions, subset: str, bad: int, words: str
) -> None:
  rows, _, rejects = _records(subset, _rows(tmp_path), options)
  assert len(rows) == 3 - bad
  assert [reason for reason, _ in rejects] == ['broken_template'] * bad
  assert 'pets/small' in rejects[0][1]
  assert words in rejects[0][1]


@pytest.mark.parametrize(
  'jinja',
  [
    '{{ "".__class__.__mro__ }} ||| x',
    '{{ cycler.__init__.__globals__ }} ||| x',
    '{% for i in range(10 ** 9) %}{% endfor %} a ||| x',
  ],
)
def test_templates_stay_in_their_sandbox(
  tmp_path: Path, options: ReadOptions, jinja: str
) -> None:
  path = next(Path(options.promptsource).rglob('templates.yaml'))
  path.write_text(_YAML.replace("'Divide. ||| {{ (1 / label) }}'", repr(jinja)))
  rows, _, rejects = _records('pets_small_divide', _rows(tmp_path), options)
  assert not rows
  assert {reason for reason, _ in rejects} == {'broken_template'}


def test_without_rows_or_without_a_template(
  tmp_path: Path, options: ReadOptions
) -> None:
  index = Index.of([_rows(tmp_path)])
  assert locate(_task('pets_small_who_'), index, ReadOptions()) is None
  assert locate(_task('pets_small_what'), index, options) is None
  empty = Index([])
  assert locate(_task('pets_small_who_'), empty, options) is None


def test_the_hub_s_configuration_of_the_data_set_s_own_name(
  tmp_path: Path, options: ReadOptions
) -> None:
  templates = next(Path(options.promptsource).rglob('pets'))
  (templates / 'small' / 'templates.yaml').rename(templates / 'templates.yaml')
  Path(_rows(tmp_path)).joinpath('pets/small').rename(tmp_path / 'pets')
  (tmp_path / 'hub' / 'pets').mkdir(parents=True)
  (tmp_path / 'pets').rename(tmp_path / 'hub' / 'pets' / 'pets')
  located = locate(
    _task('pets_divide'), Index.of([str(tmp_path / 'hub')]), options
  )
  assert located is not None
  assert set(located.splits) == {'train'}


def test_a_folder_of_something_else(tmp_path: Path) -> None:
  with pytest.raises(UserError, match='has no templates of promptsource'):
    find(str(tmp_path), 'pets_small_who_')
  (tmp_path / 'pets').mkdir()
  (tmp_path / 'pets' / 'templates.yaml').write_text('!!python/object:os.x {}')
  with pytest.raises(UserError, match=r'templates\.yaml is no file of'):
    find(str(tmp_path), 'pets_small_who_'.replace('_small', ''))


def _p3_templates(shared_data: Path) -> str:
  return str(shared_data / 'p3' / 'promptsource_templates')


def test_every_subset_of_p3_has_its_template(shared_data: Path) -> None:
  folder = _p3_templates(shared_data)
  tasks = list(catalog.tasks(suite='t0_sf', left_out=True))
  missing = [
    t.name for t in tasks if find(folder, t.sources[0].locator) is None
  ]
  assert len(tasks) == 660
  assert not missing


def test_anli_s_rounds_are_splits(shared_data: Path) -> None:
  template = find(_p3_templates(shared_data), 'anli_can_we_infer_r2_score_eval')
  assert template is not None
  assert template.dataset == 'anli'
  assert template.splits['validation'] == 'dev_r2'


def _lines(path: Path) -> Iterator[str]:
  data = path.read_bytes()
  text = (gzip.decompress(data) if path.suffix == '.gz' else data).decode()
  return iter(io.StringIO(text, newline=''))


def _ag_news(folder: Path) -> Iterator[dict[str, Any]]:
  for label, title, text in csv.reader(
    _lines(folder / 'ag_news' / 'ag_news.part1.csv.gz')
  ):
    yield {'text': f'{title} {text}', 'label': int(label) - 1}


def _commonsense_qa(folder: Path) -> Iterator[dict[str, Any]]:
  path = folder / 'commonsense_qa' / 'train_rand_split.jsonl.gz'
  for raw in map(json.loads, _lines(path)):
    question = raw['question']
    choices = question['choices']
    yield {
      'question': question['stem'],
      'question_concept': question['question_concept'],
      'choices': {n: [c[n] for c in choices] for n in ('label', 'text')},
      'answerKey': raw['answerKey'],
    }


def _cosmos_qa(folder: Path) -> Iterator[dict[str, Any]]:
  for raw in csv.DictReader(
    _lines(folder / 'cosmos_qa' / 'valid.part1.csv.gz')
  ):
    yield {**raw, 'label': int(raw['label'])}


def _rte(folder: Path) -> Iterator[dict[str, Any]]:
  for raw in csv.DictReader(
    _lines(folder / 'glue' / 'RTE' / 'train.tsv.gz'),
    delimiter='\t',
    quoting=csv.QUOTE_NONE,
  ):
    yield {
      'premise': raw['sentence1'],
      'hypothesis': raw['sentence2'],
      'label': ['entailment', 'not_entailment'].index(raw['label']),
    }


@pytest.mark.parametrize(
  ('dataset', 'rows'),
  [
    ('ag_news', _ag_news),
    ('commonsense_qa', _commonsense_qa),
    ('cosmos_qa', _cosmos_qa),
    ('super_glue_rte', _rte),
  ],
)
def test_rows_are_as_promptsource_made_them(
  shared_data: Path, dataset: str, rows: Any
) -> None:
  from ul2_flan.pipelines.task_sources.promptsource.prompt import Prompt

  raw = [
    r for _, r in zip(range(2500), rows(shared_data / 'flan2021'), strict=False)
  ]
  subsets = sorted((shared_data / 'p3' / 'rendered').glob(f'{dataset}*'))
  assert subsets
  for subset in subsets:
    template = find(_p3_templates(shared_data), subset.name)
    assert template is not None
    prompt = Prompt(template)
    made = {
      (filled.inputs, filled.targets, filled.answer_choices)
      for filled in (prompt.fill(row, 0) for row in raw)
    }
    for line in _lines(subset / 'train.jsonl'):
      theirs = json.loads(line)
      choices = theirs.get('answer_choices')
      assert (
        theirs['inputs_pretokenized'],
        theirs['targets_pretokenized'].strip(),
        choices and tuple(choices),
      ) in made


def _few_glue(folder: Path, name: str) -> Iterator[dict[str, Any]]:
  """32 rows each of SuperGLUE's sets, with the labels of the hub's export."""
  names = ['entailment', 'contradiction', 'neutral']
  for raw in map(json.loads, _lines(folder / name / 'train.jsonl')):
    label = raw['label']
    yield {**raw, 'label': names.index(label) if name == 'CB' else int(label)}


@pytest.mark.parametrize(
  ('name', 'texts', 'shared_rows'),
  [
    ('CB', ('premise', 'hypothesis'), 200),
    ('COPA', ('premise', 'choice1', 'choice2'), 100),
  ],
)
def test_the_few_rows_that_are_p3_s_too(
  shared_data: Path, name: str, texts: tuple[str, ...], shared_rows: int
) -> None:
  """Of SuperGLUE's sets there are mostly other rows than P3's.

  Of BoolQ's and WiC's 32, none is among the 100 of P3's that are here.
  """
  from ul2_flan.pipelines.task_sources.promptsource.prompt import Prompt

  raw = list(_few_glue(shared_data / 'flan2021' / 'super_glue', name))
  found = 0
  for subset in (shared_data / 'p3' / 'rendered').glob(
    f'super_glue_{name.lower()}_*'
  ):
    if subset.name.endswith('score_eval'):
      continue
    template = find(_p3_templates(shared_data), subset.name)
    assert template is not None
    prompt = Prompt(template)
    for line in _lines(subset / 'train.jsonl'):
      theirs = json.loads(line)
      own = [
        row
        for row in raw
        if all(row[t] in theirs['inputs_pretokenized'] for t in texts)
      ]
      if own:
        found += 1
        filled = [prompt.fill(row, 0) for row in own]
        assert (
          theirs['inputs_pretokenized'],
          theirs['targets_pretokenized'].strip(),
        ) in [(f.inputs, f.targets) for f in filled]
  assert found >= shared_rows
