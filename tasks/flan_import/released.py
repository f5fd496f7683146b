"""Makes `released.toml` of FLAN's lists, and of what its code says."""

from collections.abc import Mapping
import dataclasses
from pathlib import Path
from typing import Any

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.as_toml import pairs_of
from ul2_flan.tasks.flan_import.lists import read_lists
from ul2_flan.tasks.rendering.styles.released_styles import Released
from ul2_flan.tasks.strict_tables import make

_FILE = 'flan/v2/templates.py'

# The fields of `Released` that are lists of FLAN's, in the order of its file.
_LISTS: Mapping[str, str] = {
  'option_openings': 'OPT_START_STRING_CANDIDATES',
  'option_items': 'OPT_ITEM_NAME_CANDIDATES',
  'option_endings': 'OPT_ITEM_END_STR_CANDIDATES',
  'dialog_openings': 'DIALOG_START_STRING_CANDIDATES',
  'dialog_items': 'DIALOG_ITEM_NAME_CANDIDATES',
  'dialog_endings': 'DIALOG_ITEM_END_STR_CANDIDATES',
}


def released_toml(checkout: Path) -> str:
  """Returns the file for a checkout of google-research/FLAN.

  Returns:
    '' if the checkout has none of the lists.

  Raises:
    UserError: a list is missing, or is not what is expected.
  """
  text = (checkout / _FILE).read_text('utf-8')
  if not any(name in text for name in _LISTS.values()):
    return ''
  # The marks of options use this list too.
  lists = read_lists(text, _FILE, [*_LISTS.values(), 'ROMAN_NUMS'])
  fields: dict[str, Any] = {
    field: lists[name] for field, name in _LISTS.items()
  }
  fields['option_items'] = [
    marks[:1] if len({*marks}) == 1 else marks
    for marks in fields['option_items']
  ]
  # Two speakers take turns: the list repeats two marks a thousand times.
  fields['dialog_items'] = [marks[:2] for marks in fields['dialog_items']]
  for field in ('option_endings', 'dialog_endings'):
    fields[field] = [_only(field, endings) for endings in fields[field]]
  fields |= shipped.table('flan_import/released.toml')
  made = make(Released, fields, _FILE)
  values = {f.name: getattr(made, f.name) for f in dataclasses.fields(made)}
  return '\n'.join(['# google-research/FLAN, styles', *pairs_of(values), ''])


def _only(field: str, endings: list[str]) -> str:
  """Returns the one text that stands behind all items.

  Raises:
    UserError: there are several.
  """
  if len({*endings}) != 1:
    raise UserError(f'{_FILE}: {field} differ within a style: {endings[:4]}')
  return endings[0]
