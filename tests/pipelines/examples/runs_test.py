"""A run is loaded with its vocabulary, or says why it has none."""

import dataclasses
from pathlib import Path
import shutil

import pytest
from support.manifests import to_json

from ul2_flan.pipelines import examples
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import FILE_NAME


@pytest.mark.parametrize('end', ['', '/', f'/{FILE_NAME}'])
def test_a_run_is_named_by_its_folder_or_manifest(shown_runs, end: str):
  run = shown_runs['flan']
  again = examples.load(run.output + end)
  assert again.output == run.output
  assert again.manifest == run.manifest
  assert again.vocabulary
  assert not again.note


def test_a_vocabulary_that_moved_is_told_and_may_be_named(
  tmp_path: Path, shown_runs, vocabulary_path
):
  manifest = shown_runs['flan'].manifest
  gone = {**manifest.vocabulary, 'path': 'gone.model'}
  data = to_json(dataclasses.replace(manifest, vocabulary=gone))
  (tmp_path / FILE_NAME).write_bytes(data)
  run = examples.load(str(tmp_path))
  assert run.vocabulary is None
  assert run.note.startswith('gone.model: No such file')
  assert run.note.endswith('Name it with --vocabulary')
  moved = shutil.copy(vocabulary_path, tmp_path / 'moved.model')
  assert examples.load(str(tmp_path), str(moved)).vocabulary
  (tmp_path / 'other.model').write_bytes(b'x')
  with pytest.raises(UserError, match=r"--vocabulary '.*other.model'"):
    examples.load(str(tmp_path), str(tmp_path / 'other.model'))
