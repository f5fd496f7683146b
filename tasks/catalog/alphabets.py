"""Finds which languages of tasks a vocabulary cannot write."""

from collections.abc import Callable, Iterable, Mapping, Sequence
import functools

from ul2_flan.tasks.catalog.files import languages, read_table
from ul2_flan.tasks.catalog.schema import Task

# Without so many of its letters, hardly a word of a language can be written.
# T5's vocabulary lacks 56% of Russian's, 44% of Vietnamese's, all of Arabic's.
_MOST = 0.5


@functools.cache
def letters() -> Mapping[str, str]:
  """Maps ISO 639 codes to letters of the language: its alphabet, or a sample.

  >>> letters()['fi']
  'abcdefghijklmnopqrstuvwxyzäö'
  """
  return {line['code']: line['letters'] for line in read_table('languages.tsv')}


def unwritable(
  tasks: Iterable[Task], encode: Callable[[str], Sequence[int]], unk_id: int
) -> dict[str, list[str]]:
  """Returns languages of which a vocabulary lacks most letters.

  Args:
    tasks: with their languages. Of a user's own files the catalog knows just
      what their names say.
    encode: turns text into ids.
    unk_id: the id of what has no piece.

  Returns:
    English names of languages to the names of their tasks.
  """
  by_code: dict[str, list[str]] = {}
  for task in tasks:
    for code in task.languages:
      by_code.setdefault(code, []).append(task.name)

  def lacks(code: str) -> bool:
    lacking = sum(unk_id in encode(letter) for letter in letters()[code])
    return lacking >= _MOST * len(letters()[code])

  return {
    languages()[code]: names
    for code, names in sorted(by_code.items())
    if lacks(code)
  }
