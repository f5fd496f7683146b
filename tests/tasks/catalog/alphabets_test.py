"""Languages that a vocabulary cannot write are found by their letters."""

from pathlib import Path
import unicodedata

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.alphabets import letters, unwritable
from ul2_flan.tasks.vocabulary import Vocabulary

NIV2 = list(catalog.tasks(suite='niv2'))


def lacking(path: str | Path) -> dict[str, list[str]]:
  vocabulary = Vocabulary(Path(path).read_bytes())
  return unwritable(NIV2, vocabulary.encode, vocabulary.unk_id)


def test_letters_are_those_of_one_script():
  assert letters().keys() == catalog.languages().keys()
  for code, alphabet in letters().items():
    assert len(set(alphabet)) == len(alphabet) > 10, code
    assert alphabet.isalpha(), code
    scripts = {unicodedata.name(letter).split()[0] for letter in alphabet}
    # Japanese has two scripts.
    assert len(scripts) == 1 or code == 'ja', code


def test_all_but_latin_is_told_of_an_english_vocabulary(vocabulary_path):
  found = lacking(vocabulary_path)
  assert {'Arabic', 'Russian', 'Chinese', 'Korean', 'Hindi'} <= found.keys()
  assert not {'English', 'German', 'Finnish'} & found.keys()
  # Each with its tasks, also those that the language is one of several of.
  assert found['Thai'] == [t.name for t in NIV2 if 'th' in t.languages]


@pytest.mark.parametrize(('model', 'tasks'), [('t5', 380), ('mt5', 0)])
def test_tasks_that_published_vocabularies_cannot_write(
  shared_data, model, tasks
):
  found = lacking(shared_data / f'vocab/{model}.spiece.model')
  assert len({name for names in found.values() for name in names}) == tasks
