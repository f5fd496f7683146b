"""Small files of tasks, in the formats of NIv2 and of chain of thought."""

import json
from pathlib import Path

# The catalog has tasks of these names.
NIV2 = (
  'task001_quoref_question_generation',
  'task002_quoref_answer_generation',
  'task003_mctaco_question_generation_event_duration',
  'task004_mctaco_answer_generation_event_duration',
)

WORDS = ('river', 'lamp', 'winter', 'teacher', 'bridge', 'music', 'garden')


def sentence(i: int, length: int = 6) -> str:
  return ' '.join(WORDS[(i * 3 + k * (i % 5 + 1)) % 7] for k in range(length))


def write_niv2(folder: Path, name: str, rows: int, *, long: int = 0) -> Path:
  """Writes a task's file; its first `long` rows have far too many words."""
  instances = [
    {
      'id': f'{name}-{i}',
      'input': f'Line {i}: {sentence(i, 2000 if i < long else 6)}.',
      'output': [f'the {WORDS[i % 7]} {i}'],
    }
    for i in range(rows)
  ]
  positive = [
    {
      'input': f'Line {name} {i}: {sentence(i + 40)}.',
      'output': f'the {WORDS[i]}',
      'explanation': f'It is the {WORDS[i]} that counts.',
    }
    for i in range(2)
  ]
  task = {
    'Definition': [f'Say which word of the line counts ({name[4:7]}).'],
    'Positive Examples': positive,
    'Negative Examples': [],
    'Instances': instances,
  }
  folder.mkdir(parents=True, exist_ok=True)
  path = folder / f'{name}.json'
  path.write_text(json.dumps(task))
  return path


def write_cot(folder: Path, name: str, rows: int) -> Path:
  """Writes a task's file of three columns: question, answer, reasoning."""
  lines = [
    f'What is {i} and {i + 1}?\t{2 * i + 1}\t'
    f'{i} and {i + 1} make {2 * i + 1}, as anyone can count.'
    for i in range(rows)
  ]
  folder.mkdir(parents=True, exist_ok=True)
  path = folder / f'{name}_train.tsv'
  path.write_text('\n'.join(lines) + '\n')
  return path


def write_collection(folder: Path) -> Path:
  """Writes four tasks of NIv2 and one of chain of thought."""
  for i, name in enumerate(NIV2):
    write_niv2(folder / 'niv2', name, 30 + 10 * i, long=i)
  write_cot(folder / 'cot', 'gsm8k', 40)
  return folder
