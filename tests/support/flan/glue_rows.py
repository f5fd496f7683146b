"""Rows of GLUE, SuperGLUE and their like, as TFDS gives them: `rows`."""

from collections.abc import Iterator
import csv
import gzip
import io
import itertools
import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def read_text(path: Path) -> str:
  data = path.read_bytes()
  data = gzip.decompress(data) if path.suffix == '.gz' else data
  return data.decode('utf-8-sig')


def read_lines(path: Path) -> Iterator[Row]:
  return map(json.loads, read_text(path).splitlines())


def read_table(path: Path, **form: Any) -> Iterator[Row]:
  yield from csv.DictReader(io.StringIO(read_text(path)), **form)


def read_glue(path: Path) -> Iterator[Row]:
  return read_table(path, delimiter='\t', quoting=csv.QUOTE_NONE)


def read_pairs(path: Path, *marks: str) -> Iterator[tuple[list[str], str]]:
  """Yields the texts of a row of the continual-learning benchmark."""
  for row in json.loads(read_text(path)):
    texts, rest = [], row['sentence']
    for mark, after in itertools.zip_longest(marks, marks[1:]):
      text = rest.partition(mark)[2]
      rest = text
      texts.append(text.partition(after)[0].rstrip('\n') if after else text)
    yield texts, row['label']


def glue_rows(folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
  yield (
    'glue_mrpc',
    (
      {
        'sentence1': r['#1 String'],
        'sentence2': r['#2 String'],
        'label': int(r['Quality']),
      }
      for r in read_glue(folder / 'MRPC/train.tsv.gz')
    ),
  )
  yield (
    'sst2',
    (
      {**r, 'label': int(r['label'])}
      for r in read_glue(folder / 'SST-2/train.tsv.gz')
    ),
  )
  yield (
    'wnli',
    (
      {**r, 'label': int(r['label'])}
      for r in read_glue(folder / 'WNLI/train.tsv')
    ),
  )
  yield (
    'stsb',
    (
      {**r, 'label': float(r['score'])}
      for r in read_glue(folder / 'STS-B/train.tsv.gz')
    ),
  )
  yield (
    'qnli',
    (
      {**r, 'label': int(r['label'] != 'entailment')}
      for r in read_glue(folder / 'QNLI/dev.part1.tsv.gz')
    ),
  )
  cola = (
    line.split('\t')
    for line in read_text(folder / 'CoLA/train.tsv.gz').splitlines()
  )
  yield 'cola', ({'sentence': r[3], 'label': int(r[1])} for r in cola)


def super_glue_rows(folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
  def rows(name: str) -> Iterator[Row]:
    return read_lines(folder / name / 'train.jsonl')

  def named(name: str, *labels: str) -> Iterator[Row]:
    return ({**r, 'label': labels.index(r['label'])} for r in rows(name))

  yield 'rte', named('RTE', 'entailment', 'not_entailment')
  yield 'cb', named('CB', 'entailment', 'contradiction', 'neutral')
  yield 'copa', rows('COPA')
  yield 'wic', ({**r, 'label': int(r['label'])} for r in rows('WiC'))
  yield (
    'wsc',
    (
      {**r['target'], 'text': r['text'], 'label': int(r['label'])}
      for r in rows('WSC')
    ),
  )
  yield (
    'bool_q',
    (
      {
        'title': r['passage'].partition(' -- ')[0],
        'question': r['question'],
        'passage': r['passage'].partition(' -- ')[2],
        'answer': r['label'],
      }
      for r in rows('BoolQ')
    ),
  )
  yield (
    'multirc',
    (
      {
        'paragraph': r['passage']['text'],
        'question': q['question'],
        'answer': a['text'],
        'label': a['label'],
        'idx': {'paragraph': 0},
      }
      for r in rows('MultiRC')
      for q in r['passage']['questions']
      for a in q['answers'][:1]
    ),
  )
  yield (
    'record',
    (
      {
        'passage': r['passage']['text'],
        'query': q['query'],
        'entities': [
          r['passage']['text'][e['start'] : e['end'] + 1]
          for e in r['passage']['entities']
        ],
        'answers': [a['text'] for a in q['answers']],
      }
      for r in rows('ReCoRD')
      for q in r['qas'][:1]
    ),
  )


def benchmark_rows(folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
  yield (
    'glue_qqp',
    (
      {'question1': t[0], 'question2': t[1], 'label': int(label == 'True')}
      for t, label in read_pairs(
        folder / 'QQP/QQP/train.json', 'first sentence: ', 'second sentence: '
      )
    ),
  )
  yield (
    'mnli_matched',
    (
      {
        'premise': t[0],
        'hypothesis': t[1],
        'label': ('entailment', 'neutral', 'contradiction').index(label),
      }
      for t, label in read_pairs(
        folder / 'NLI/MNLI/train.json.gz', 'sentence 1: ', 'sentence 2: '
      )
    ),
  )
  yield (
    'anli_r1',
    (
      {
        'context': t[0],
        'hypothesis': t[1],
        'label': ('entailment', 'neutral', 'contradiction').index(label),
      }
      for t, label in read_pairs(
        folder / 'NLI/CB/train.json', 'sentence 1: ', 'sentence 2: '
      )
    ),
  )
  yield (
    'imdb_reviews',
    (
      {'text': r['sentence'], 'label': int(r['label'] == 'Good')}
      for r in json.loads(read_text(folder / 'SC/IMDB/train.json.gz'))
    ),
  )
  yield (
    'yelp_polarity_reviews',
    (
      {'text': t[0], 'label': int('positive' in label)}
      for t, label in read_pairs(folder / 'SC/yelp/train.json.gz', 'Text: ')
    ),
  )
