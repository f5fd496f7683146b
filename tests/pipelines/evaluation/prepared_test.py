"""Questions in directories that TFDS has prepared."""

import json
from pathlib import Path
from typing import Any

import pytest
from tensorflow_datasets.question_answering import qa_utils

from ul2_flan.pipelines.evaluation.find_suites import find_tasks, read_material
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.records import frame_records


def prepare(root: Path, name: str, splits: dict[str, list[Any]]) -> Path:
  """Writes questions as TFDS does: passage, id, question and references."""
  folder = root / name / '3.0.0'
  folder.mkdir(parents=True)
  features = qa_utils.squadlike_features()
  features.save_config(str(folder))
  shards = []
  short = name.partition('/')[0]
  for split, questions in splits.items():
    examples = [
      features.serialize_example(
        features.encode_example(
          {
            'context': passage, 'id': id, 'question': text, 'title': '',
            'answers': {'text': answers, 'answer_start': [0] * len(answers)},
          }
        )
      )
      for passage, id, text, *answers in questions
    ]  # fmt: skip
    file = folder / f'{short}-{split}.tfrecord-00000-of-00001'
    file.write_bytes(frame_records(examples))
    shards.append({'name': split, 'shardLengths': [str(len(examples))]})
  info = {'name': short, 'splits': shards}
  (folder / 'dataset_info.json').write_text(json.dumps(info))
  return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
  prepare(
    tmp_path,
    'tydi_qa/goldp',
    {
      'train': [
        ('Kissa.', 'finnish-1', 'Mikä?', 'Kissa', 'Kissa'),
        ('Paka.', 'swahili-1', 'Nini?', 'Paka'),
      ],
      'validation': [('Koira.', 'finnish-2', 'Kuka?', 'Koira', 'koira')],
    },
  )
  prepare(tmp_path, 'xquad/th', {'test': [('P', 'x5', 'Q', 'A')]})
  return tmp_path


def material_of(config, folder: Path, task: str, **changes: Any):
  sources = {'tydiqa': [str(folder)]}
  made = config(sources=sources, tasks=[task], suites=['tydiqa'], **changes)
  (found,) = find_tasks(made)
  return found, read_material(found.task, found.pieces)


def test_questions_of_a_language_have_all_references(config, folder):
  for split in ('paper', ''):
    found, material = material_of(config, folder, 'tydiqa:fi', split=split)
    assert found.split == 'validation'
    assert material.questions['validation'] == (
      Question(
        task='tydiqa:fi', split='validation', id='finnish-2', text='Kuka?',
        answers=('Koira', 'koira'), passage='Koira.',
      ),
    )  # fmt: skip
    assert [q.id for q in material.questions['train']] == ['finnish-1']


def test_a_configuration_is_a_language(config, folder):
  _, material = material_of(config, folder, 'tydiqa:th')
  assert [q.id for q in material.questions['validation']] == ['x5']


def test_questions_of_two_sources_are_refused(config, folder):
  prepare(folder, 'xquad/fi', {'test': [('P', 'x5', 'Q', 'A')]})
  with pytest.raises(UserError, match=r'xquad/fi.* has questions of tydiqa:fi'):
    material_of(config, folder, 'tydiqa:fi')


def test_a_damaged_shard_is_named(config, folder):
  shard = next((folder / 'tydi_qa').rglob('*-train*'))
  shard.write_bytes(shard.read_bytes()[:-3])
  with pytest.raises(UserError, match=r'-train\.tfrecord\S* cannot be read at'):
    material_of(config, folder, 'tydiqa:fi')
