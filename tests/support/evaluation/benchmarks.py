"""Small directories of U-PaLM's 26 benchmarks, with TFDS's own features."""

from collections.abc import Mapping, Sequence
import json
from pathlib import Path
from typing import Any
from unittest import mock

import tensorflow_datasets as tfds

from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.records import frame_records

NLP = suites.load('nlp')

Row = dict[str, Any]


def _filled(feature: Any, row: Any) -> Any:
  """A row with something in each feature that it does not name."""
  if isinstance(feature, tfds.features.Sequence):
    return [] if row is None else row
  if isinstance(feature, tfds.features.FeaturesDict):
    return {
      name: _filled(f, (row or {}).get(name)) for name, f in feature.items()
    }
  if row is not None:
    return row
  return '' if isinstance(feature, tfds.features.Text) else 0


def _labelled(rows: Sequence[Row], labels: Sequence[Any]) -> list[Row]:
  return [
    {**row, 'label': label} for row, label in zip(rows, labels, strict=True)
  ]


_PAIRS = [
  {'premise': f'Nr. {i} is red.', 'context': f'Nr. {i} is red.',
   'hypothesis': f'Nr. {i} has a colour.'}
  for i in range(4)
]  # fmt: skip
_ANLI = [
  {'context': row['context'], 'hypothesis': row['hypothesis']} for row in _PAIRS
]
_NLI = [
  {'premise': row['premise'], 'hypothesis': row['hypothesis']} for row in _PAIRS
]
_PASSAGES = [
  f'The river {name} is long.' for name in ('Nen', 'Orl', 'Ems', 'Po')
]
_EXAMS = [
  {
    'article': _PASSAGES[0],
    'questions': ['Which river?', 'Is _ long?'],
    'options': [['Nen', 'Orl', 'Ems', 'Po'], ['it', 'he', 'she', 'who']],
    'answers': ['A', 'D'],
  },
  {
    'article': _PASSAGES[1],
    'questions': ['Which one?'],
    'options': [['Nen', 'Orl', 'Ems', 'Po']],
    'answers': ['B'],
  },
]
_SCIENCE = [
  {
    'question': f'What is {i}?',
    'choices': [
      {'label': 'ABCDE'[k], 'text': f'thing {k}'} for k in range(3 + i % 3)
    ],
    'answerKey': 'ABCA'[i],
  }
  for i in range(4)
]

# By benchmark: rows of the split that papers report. Where a model writes the
# answers, the first row is for training.
ROWS: Mapping[str, list[Row]] = {
  'trivia_qa': [
    {'question': 'Who ran?', 'answer': {'value': 'Ada', 'aliases': ['Ada L.']}},
    {'question': 'Who sat?',
     'answer': {'value': 'Bo', 'aliases': ['Bob', 'B.']}},
    {'question': 'Who won?', 'answer': {'value': 'Cy', 'aliases': []}},
  ],
  'natural_questions': [
    {'question': 'who ran', 'answer': ['Ada']},
    {'question': 'who sat', 'answer': ['Bo', 'Bob']},
    {'question': 'who won', 'answer': ['The Cy']},
  ],
  'web_questions': [
    {'question': 'who ran?', 'answers': ['Ada']},
    {'question': 'who sat?', 'answers': ['Bo', 'Bob']},
    {'question': 'who won?', 'answers': ['Cy']},
  ],
  'lambada': [
    {'passage': 'They saw the sea and she named the sea\n'},
    {'passage': 'Bo went to the isle , and he saw the isle\n'},
    {'passage': 'Cy said that he was Cy\n'},
  ],
  'squad_v2': [
    {'context': p, 'question': 'Which river?', 'id': str(i),
     'answers': [{'text': t, 'answer_start': 0} for t in a]}
    for i, (p, a) in enumerate(
      zip(_PASSAGES, [['Nen'], ['Orl', 'the Orl'], [], ['Po']], strict=True)
    )
  ],
  'boolq': _labelled(
    [{'passage': p, 'question': 'is it long'} for p in _PASSAGES], [0, 1, 1, 1]
  ),
  'cb': _labelled(_NLI, [0, 1, 2, 0]),
  'copa': _labelled(
    [
      {'premise': f'It rained on {day}.', 'choice1': 'I got wet.',
       'choice2': 'The sky was grey.', 'question': relation}
      for day, relation in zip(
        ('Monday', 'Tuesday', 'Sunday', 'Friday'),
        ('effect', 'cause', 'effect', 'effect'),
        strict=True,
      )
    ],
    [0, 1, 0, 0],
  ),
  'rte': _labelled(_NLI, [0, 1, 1, 1]),
  'wic': _labelled(
    [{'word': 'bank', 'sentence1': f'Bank {i}.', 'sentence2': 'A bank.'}
     for i in range(4)],
    [1, 0, 0, 0],
  ),
  'wsc': _labelled(
    [{'text': 'Ann met Bo when she left.', 'span1_index': 0, 'span2_index': 4,
      'span1_text': name, 'span2_text': 'she'} for name in ('Ann', 'Bo')],
    [1, 0],
  ),
  'multirc': _labelled(
    [{'paragraph': _PASSAGES[i % 2], 'question': 'Which?', 'answer': f'Nr. {i}'}
     for i in range(5)],
    [1, 0, 0, 1, 0],
  ),
  'record': [
    {'passage': 'Ann met Bo.\n@highlight\nCy left.',
     'query': 'So @placeholder sang.', 'entities': ['Ann', 'Bo', 'Bo', 'Cy'],
     'answers': answers}
    for answers in (['Bo'], ['Ann', 'Bo'], ['Cy'])
  ],
  'winograd': [
    {'text': f'The cat saw the dog. {pronoun} ran {i}.', 'pronoun_start': 21,
     'pronoun_end': 21 + len(pronoun), 'pronoun_text': pronoun,
     'option1': 'The cat', 'option1_normalized': 'The cat',
     'option2': 'The dog', 'option2_normalized': 'The dog', 'label': label}
    for i, (pronoun, label) in enumerate([('It', 0), ('It', 1), ('His', 1)])
  ],
  'winogrande': _labelled(
    [{'sentence': f'Ann met Bo and _ left {i}.', 'option1': 'Ann',
      'option2': 'Bo'}
     for i in range(4)],
    [0, 1, 1, 1],
  ),
  **{f'anli_r{n}': _labelled(_ANLI, [0, 1, 2, n - 1]) for n in (1, 2, 3)},
  'piqa': _labelled(
    [{'goal': f'Open door {i}.', 'sol1': 'Turn the key.', 'sol2': 'Sing.'}
     for i in range(4)],
    [0, 0, 1, 0],
  ),
  'story_cloze': _labelled(
    [{'context': f'On day {i} Bo rose.', 'endings': ['He ate.', 'He fell.']}
     for i in range(3)],
    [1, 2, 2],
  ),
  'hellaswag': _labelled(
    [{'context': f'[header] How to row {i} [title] Sit.',
      'endings': ['Row.', 'Sleep.', 'Cook. [step] Eat.', 'Run away.']}
     for i in range(4)],
    [0, 1, 2, 0],
  ),
  'arc_easy': _SCIENCE,
  'arc_challenge': _SCIENCE,
  'openbookqa': [
    {
      'question': {
        'stem': f'What is {i}?',
        **{f'choice_{letter}': f'thing {letter}' for letter in 'ABCD'},
      },
      'answerKey': letter,
    }
    for i, letter in enumerate('ADDB')
  ],
  'race_middle': _EXAMS,
  'race_high': _EXAMS,
}  # fmt: skip


def write(root: Path) -> Path:
  """Writes all directories, with features of TFDS's own builders."""
  # It would copy from a bucket what that knows of each builder.
  with mock.patch.object(tfds.core.DatasetInfo, 'initialize_from_bucket'):
    for key, rows in ROWS.items():
      task = NLP.task(key)
      source = next(s for s in suites.sources_of(task) if s.kind == 'tfds')
      # TFDS prepares all splits, whatever rows these have.
      splits = dict.fromkeys(source.splits.values(), rows[:1])
      splits[source.splits[task.paper_split]] = rows[task.exemplars :]
      _write(root, source.locator.partition(':')[0], splits)
  return root


def _write(root: Path, name: str, splits: Mapping[str, list[Row]]) -> None:
  builder = tfds.builder(name, data_dir='/nonexistent', try_gcs=False)
  features = builder.info.features
  folder = root / name / str(builder.version)
  folder.mkdir(parents=True)
  features.save_config(str(folder))
  infos = []
  for split, rows in splits.items():
    examples = [
      features.serialize_example(
        features.encode_example(_filled(features, row))
      )
      for row in rows
    ]
    file = f'{builder.name}-{split}.tfrecord-00000-of-00001'
    (folder / file).write_bytes(frame_records(examples))
    infos.append({'name': split, 'shardLengths': [str(len(rows))]})
  info = {'name': builder.name, 'splits': infos}
  (folder / 'dataset_info.json').write_text(json.dumps(info))
