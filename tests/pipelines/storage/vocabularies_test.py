"""Workers load the vocabulary that the run was planned with, or refuse."""

from pathlib import Path
import shutil

import pytest
from support.vocabularies import tokenizer_files

from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.errors import UserError


def test_a_described_vocabulary_can_be_loaded_again(vocabulary_path):
  vocabulary = vocabularies.load(vocabulary_path, 100)
  description = vocabularies.described(vocabulary, vocabulary_path)
  loaded = vocabularies.load_planned(description)
  assert loaded.sha256 == vocabulary.sha256
  assert loaded.size == vocabulary.size
  assert vocabularies.described(loaded, vocabulary_path) == description


@pytest.mark.parametrize(
  ('given', 'more'),
  [
    ((None, '', ''), {'kind', 'path', 'sha256', 'extra_ids'}),
    ((0, '<unused{}>:0-9', '<unused9>'), {'sentinels', 'eos', 'eos_id'}),
  ],
)
def test_a_described_tokenizer_can_be_loaded_again(tmp_path, given, more):
  path = tmp_path / 'tokenizer.json'
  path.write_bytes(tokenizer_files.data('with_tokens'))
  vocabulary = vocabularies.load(str(path), *given)
  description = vocabularies.described(vocabulary, str(path))
  assert more <= description.keys()
  loaded = vocabularies.load_planned(description)
  assert loaded.sentinels == vocabulary.sentinels
  assert loaded.eos_id == vocabulary.eos_id
  assert vocabularies.described(loaded, str(path)) == description


def test_a_vocabulary_that_was_replaced_is_refused(
  tmp_path: Path, vocabulary_path
):
  path = tmp_path / 'a.model'
  shutil.copy(vocabulary_path, path)
  vocabulary = vocabularies.load(str(path), 100)
  description = vocabularies.described(vocabulary, str(path))
  description['sha256'] = '0' * 64
  with pytest.raises(UserError, match=r'a\.model is not the vocabulary that'):
    vocabularies.load_planned(description)


@pytest.mark.parametrize('data', [None, b'', b'no model'])
def test_the_error_for_a_bad_vocabulary_names_the_flag(tmp_path: Path, data):
  path = tmp_path / 'a.model'
  if data is not None:
    path.write_bytes(data)
  with pytest.raises(UserError, match=r"^--vocabulary '.*a\.model': "):
    vocabularies.load(str(path), None)
