"""Prompts are those that promptsource made, to the letter."""

from collections.abc import Iterator
import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from support.task_sources.pets import p3_templates

from ul2_flan.pipelines.task_sources.promptsource.prompt import (
  EmptyPromptError,
  Prompt,
)
from ul2_flan.pipelines.task_sources.promptsource.templates import (
  Template,
  find,
)


def prompt(jinja: str, answer_choices: str | None = None) -> Prompt:
  return Prompt(Template('pets', 'a name', jinja, answer_choices, {}))


def test_long_values_are_cut_where_they_are_shown():
  filled = prompt('{{text}} ||| {{text | length}}').fill(
    {'text': 'x' * 5000}, 0
  )
  # Jinja's `truncate` counts the three dots.
  assert filled.inputs == 'x' * 2045 + '...'
  assert filled.targets == '5000'


def test_a_value_may_hold_the_mark_that_splits_choices():
  filled = prompt('{{a}}? ||| {{answer_choices[1]}}', '{{a}} ||| {{b}}').fill(
    {'a': 'x ||| y', 'b': 'z'}, 0
  )
  assert filled.inputs == 'x ||| y?'
  assert filled.targets == 'z'
  assert filled.answer_choices == ('x ||| y', 'z')


def test_hyphens_of_columns_are_underscores():
  assert prompt('{{a_b}} ||| c').fill({'a-b': 1}, 0).inputs == '1'


@pytest.mark.parametrize('jinja', ['', 'a', 'a |||', '||| a', 'a ||| b ||| c'])
def test_a_prompt_has_two_parts(jinja: str):
  with pytest.raises(EmptyPromptError):
    prompt(jinja).fill({}, 0)


def test_a_stream_draws_the_same_again():
  drawing = prompt('{{ [1, 2, 3, 4] | choice }} ||| {{ [5, 6] | random }}')
  filled = [drawing.fill({}, stream) for stream in range(40)]
  assert filled == [drawing.fill({}, stream) for stream in range(40)]
  assert {f.inputs for f in filled} == set('1234')
  assert {f.targets for f in filled} == set('56')


def test_a_column_may_not_take_the_name_of_the_choices():
  with pytest.raises(ValueError, match="'answer_choices'"):
    prompt('a ||| b').fill({'answer-choices': 1}, 0)


def test_a_choice_of_nothing_is_an_error():
  with pytest.raises(ValueError, match='a choice of nothing'):
    prompt('{{ [] | choice }} ||| b').fill({}, 0)


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


def _few_glue(folder: Path, name: str) -> Iterator[dict[str, Any]]:
  """32 rows each of SuperGLUE's sets, with the labels of the hub's export."""
  names = ['entailment', 'contradiction', 'neutral']
  for raw in map(json.loads, _lines(folder / name / 'train.jsonl')):
    label = raw['label']
    yield {**raw, 'label': names.index(label) if name == 'CB' else int(label)}


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
  raw = [
    r for _, r in zip(range(2500), rows(shared_data / 'flan2021'), strict=False)
  ]
  subsets = sorted((shared_data / 'p3' / 'rendered').glob(f'{dataset}*'))
  assert subsets
  for subset in subsets:
    template = find(p3_templates(shared_data), subset.name)
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


@pytest.mark.parametrize(
  ('name', 'texts', 'shared_rows'),
  [
    ('CB', ('premise', 'hypothesis'), 200),
    ('COPA', ('premise', 'choice1', 'choice2'), 100),
  ],
)
def test_the_few_rows_that_p3_has_too_agree(
  shared_data: Path, name: str, texts: tuple[str, ...], shared_rows: int
) -> None:
  """Of SuperGLUE's sets there are mostly other rows than P3's.

  Of BoolQ's and WiC's 32, none is among the 100 of P3's that are here.
  """
  raw = list(_few_glue(shared_data / 'flan2021' / 'super_glue', name))
  found = 0
  for subset in (shared_data / 'p3' / 'rendered').glob(
    f'super_glue_{name.lower()}_*'
  ):
    if subset.name.endswith('score_eval'):
      continue
    template = find(p3_templates(shared_data), subset.name)
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
