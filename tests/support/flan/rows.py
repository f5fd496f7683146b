"""Real rows of Flan 2021's tasks, in the shape that TFDS gives them.

They are those of shared data whose columns TFDS's features can be made of.
"""

from collections.abc import Callable, Iterator
import csv
import io
import itertools
import json
from pathlib import Path
import re
from typing import Any

from support.flan.glue_rows import (
  Row,
  benchmark_rows,
  glue_rows,
  read_lines,
  read_table,
  read_text,
  super_glue_rows,
)

# The rows of a task that are looked at.
COUNT = 12


def _other_rows(folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
  news = csv.reader(
    io.StringIO(read_text(folder / 'ag_news/ag_news.part1.csv.gz'))
  )
  yield (
    'ag_news_subset',
    (
      {'title': r[1], 'description': r[2], 'label': int(r[0]) - 1} for r in news
    ),
  )
  yield (
    'snli',
    (
      {
        **r,
        'label': ('entailment', 'neutral', 'contradiction').index(r['label']),
      }
      for r in read_lines(folder / 'snli/dev.jsonl.gz')
      if r['label'] in ('entailment', 'neutral', 'contradiction')
    ),
  )
  yield (
    'cosmos_qa',
    (
      {**r, 'label': int(r['label'])}
      for r in read_table(folder / 'cosmos_qa/valid.part1.csv.gz')
    ),
  )
  yield 'natural_questions', read_lines(folder / 'nq_open/NQ-open.dev.jsonl')
  classes = ('DESC', 'ENTY', 'ABBR', 'HUM', 'NUM', 'LOC')
  questions = (
    line.partition(' ')
    for line in (folder / 'trec/train_5500.label')
    .read_text('latin-1')
    .splitlines()
  )
  yield (
    'trec',
    (
      {'text': q, 'label-coarse': classes.index(c[: c.index(':')])}
      for c, _, q in questions
    ),
  )
  yield (
    'e2e_nlg',
    (
      {
        'meaning_representation': r['mr'],
        'target': r['ref'],
        'references': [r['ref']],
      }
      for r in read_table(folder / 'e2e_nlg/devset.csv.gz')
    ),
  )
  yield (
    'dart',
    (
      {
        'tripleset': [' | '.join(t) for t in r['tripleset']],
        'target': a['text'],
        'references': [a['text']],
      }
      for r in json.loads(
        read_text(folder / 'dart/dart-v1.1.1-full-dev.part1.json.gz')
      )
      for a in r['annotations'][:1]
    ),
  )
  coqa = json.loads(read_text(folder / 'coqa/coqa-dev.part1.json.gz'))['data']
  yield (
    'coqa',
    (
      {
        'story': r['story'],
        'questions': [q['input_text'] for q in r['questions']],
        'answers': {'input_text': [a['input_text'] for a in r['answers']]},
      }
      for r in coqa
    ),
  )
  squad = json.loads(read_text(folder / 'squad/squad-dev-v1.1.part1.json.gz'))[
    'data'
  ]
  asked = [
    {
      'title': a['title'],
      'context': p['context'],
      'question': q['question'],
      'answers': {'text': [x['text'] for x in q['answers']]},
      'is_impossible': False,
    }
    for a in squad[:2]
    for p in a['paragraphs']
    for q in p['qas'][:1]
  ]
  yield 'squad_v1', iter(asked)
  yield 'squad_v2', iter(asked)
  yield (
    'openbookqa',
    (
      {
        'question': {'stem': r['Question Stem'], **choices},
        'fact1': 'a fact of the book',
        'answerKey': 'ABCD'.index(r['Answer Key']),
      }
      for r in read_table(folder / 'openbookqa/train.tsv.gz', delimiter='\t')
      if len(choices := _choices(r['Choices'])) == 4
    ),
  )
  for task, file, columns in (
    ('common_gen', 'common_gen.json', ('concepts', 'target')),
    ('xsum', 'xsum.json.gz', ('document', 'summary')),
    ('wiki_lingua_english_en', 'wikilingua_en.json.gz', ('source', 'target')),
  ):
    examples = json.loads(read_text(folder / 'bigbench_gem' / file))['examples']
    yield task, (_gem(r, columns) for r in examples)
  yield (
    'aeslc',
    (
      {
        'email_body': r['raw'].partition('\n\n@subject')[0],
        'subject_line': r['raw']
        .partition('@subject')[2]
        .partition('@ann')[0]
        .strip(),
      }
      for r in read_lines(folder / 'aeslc/aeslc.jsonl.gz')
    ),
  )
  yield 'samsum', read_lines(folder / 'dialogsum/dialogsum.dev.jsonl.gz')
  yield (
    'winogrande',
    (
      _winogrande(r['instruction'], r['answer'])
      for r in json.loads(
        read_text(folder / 'llm_adapters/winogrande/test.part1.json')
      )
    ),
  )


def _gem(row: Row, columns: tuple[str, str]) -> Row:
  target = row['target'] if isinstance(row['target'], str) else row['target'][0]
  given: Any = row['input']
  if columns[0] == 'concepts':
    given = given.replace(',', ' ').split()
  return {columns[0]: given, columns[1]: target, 'references': [target]}


def _winogrande(asked: str, answer: str) -> Row:
  sentence, _, options = asked.partition('sentence: ')[2].partition(
    '\n\nOption1: '
  )
  first, _, second = options.partition(' Option2: ')
  return {
    'sentence': sentence,
    'option1': first,
    'option2': second.partition(' Answer format')[0],
    'label': int(answer == 'option2'),
  }


def _choices(text: str) -> dict[str, str]:
  """Returns the choices of a row, of which a few have too many or too few."""
  parts = re.split(r'\([A-D]\)', text)[1:]
  return {f'choice_{chr(65 + i)}': p.strip() for i, p in enumerate(parts)}


def _translations(folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
  def lines(name: str) -> list[str]:
    return (folder / f'{name}.dev').read_text('utf-8').splitlines()

  english = lines('eng_Latn')
  for task, code, name in (
    ('para_crawl_enes', 'es', 'spa_Latn'),
    ('wmt14_enfr', 'fr', 'fra_Latn'),
    ('wmt16_translate_csen', 'cs', 'ces_Latn'),
    ('wmt16_translate_deen', 'de', 'deu_Latn'),
    ('wmt16_translate_fien', 'fi', 'fin_Latn'),
    ('wmt16_translate_roen', 'ro', 'ron_Latn'),
    ('wmt16_translate_ruen', 'ru', 'rus_Cyrl'),
    ('wmt16_translate_tren', 'tr', 'tur_Latn'),
    ('true_case', 'da', 'eng_Latn'),
    ('fix_punct', 'da', 'eng_Latn'),
    ('word_segment', 'da', 'eng_Latn'),
  ):
    yield (
      task,
      ({'en': a, code: b} for a, b in zip(english, lines(name), strict=True)),
    )


def rows_of(data: Path, count: int | None = COUNT) -> dict[str, list[Row]]:
  """Returns at most `count` rows of each task, by the task's name."""
  parts: dict[str, Callable[[Path], Iterator[tuple[str, Iterator[Row]]]]] = {
    'glue': glue_rows,
    'super_glue': super_glue_rows,
    'cl_benchmark': benchmark_rows,
    '': _other_rows,
    'translation_flores200': _translations,
  }
  return {
    task: list(itertools.islice(rows, count))
    for folder, read in parts.items()
    for task, rows in read(data / 'flan2021' / folder)
  }
