"""Items are the questions that a run asks, by the ids of its prompts."""

import dataclasses
from pathlib import Path
import shutil

import pytest
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines.contamination.items import items_of, texts_of
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import Question


def test_ids_are_those_of_prompts(made):
  suites = Path(made.suites)
  manifest = manifest_of(suites)
  data_set = min(manifest.data_sets)
  prompts = [
    records.decode_example(record)
    for record in records_of(suites, data_set, 'test')
  ]
  items = [*items_of(manifest)]
  assert [item.id for item in items] == [
    prompt['id'][0].decode() for prompt in prompts
  ]
  assert {item.task for item in items} == {'mgsm:de'}
  for item, prompt in zip(items, prompts, strict=True):
    assert item.texts[0] in prompt['inputs_pretokenized'][0].decode()


def test_options_that_many_questions_have_are_left_out():
  question = Question(
    task='t', split='test', id='0', text='Q?', answers=('A',),
    options=('Yes', 'No'),
  )  # fmt: skip
  assert texts_of(question) == ('Q? Yes No', 'Q? A Yes B No')
  assert texts_of(question, options=False) == ('Q?',)


def test_a_passage_stands_by_itself():
  question = Question(
    task='tydiqa:fi', split='test', id='0', text='Q?', answers=('a',),
    passage='P.',
  )  # fmt: skip
  assert texts_of(question) == ('P.', 'Q?')


@pytest.mark.parametrize('change', ['gone', 'shorter'])
def test_files_that_changed_are_refused(made, tmp_path, change: str):
  manifest = manifest_of(Path(made.suites))
  ((task, pieces),) = manifest.run['pieces'].items()
  path = next(p['path'] for p in pieces if p['path'].endswith('.tsv'))
  copy = Path(shutil.copy(path, tmp_path))
  moved = [{**p, 'path': p['path'].replace(path, str(copy))} for p in pieces]
  run = {**manifest.run, 'pieces': {task: moved}}
  manifest = dataclasses.replace(manifest, run=run)
  assert len([*items_of(manifest)]) == 8
  if change == 'gone':
    copy.unlink()
  else:
    copy.write_text(copy.read_text().split('\n', 1)[1])
  with pytest.raises(UserError, match=r"mgsm:de.*Put the suite's files back"):
    [*items_of(manifest)]


def test_a_run_of_the_version_before_is_refused(made):
  manifest = manifest_of(Path(made.suites))
  run = {k: v for k, v in manifest.run.items() if k != 'pieces'}
  with pytest.raises(UserError, match='make the evaluation data anew'):
    [*items_of(dataclasses.replace(manifest, run=run))]
