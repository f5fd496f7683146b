"""Paths of Hugging Face's hub: `hf://datasets/ORG/NAME[@REV]/FILE`."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import unquote

from ul2_flan.tasks.errors import UserError

# A repository without an organisation, as the oldest have, is one if a revision
# follows. A revision may have slashes only if it is one of these, or spells
# them %2F.
_PATH = re.compile(
  r'hf://(?:(?P<kind>datasets/|spaces/)|(?!datasets/|spaces/))'
  r'(?P<repo>[^/@]+/[^/@]+|[^/@]+(?=@))'
  r'(?:@(?P<revision>refs/(?:convert|pr)/[^/]+|[^/]+))?(?:/(?P<name>.*))?',
  re.DOTALL,
)

# The branch to which the hub converts what is there in other formats.
CONVERTED = 'refs/convert/parquet'


@dataclasses.dataclass(frozen=True, slots=True)
class HubPath:
  """A path on the hub.

  Attributes:
    kind: 'datasets/', 'spaces/' or '' for a model.
    repo: the organisation and the name.
    revision: a branch, tag or commit.
    name: of a file or folder in it.
  """

  kind: str
  repo: str
  revision: str
  name: str

  @classmethod
  def parse(cls, path: str) -> HubPath:
    """Parses a path.

    >>> HubPath.parse('hf://datasets/allenai/c4@main/en/c4.json.gz').name
    'en/c4.json.gz'

    Raises:
      UserError: it names no repository.
    """
    match = _PATH.fullmatch(path)
    if not match:
      raise UserError(
        f"'{path}' names no repository: hf://datasets/ORG/NAME/FILE for data, "
        'hf://ORG/NAME/FILE for a model'
      )
    revision = unquote(match['revision'] or 'main')
    revision = CONVERTED if revision == '~parquet' else revision
    kind = match['kind'] or ''
    return cls(kind, match['repo'], revision, match['name'] or '')

  def at(self, revision: str) -> str:
    """Returns the path at a revision."""
    return f'hf://{self.kind}{self.repo}@{revision}/{self.name}'


def without_commit(path: str) -> str:
  """Returns a path of the hub without its revision; any other as it is.

  >>> without_commit('hf://datasets/google/boolq@5f1c/data/train.parquet')
  'hf://datasets/google/boolq/data/train.parquet'
  """
  if not path.startswith('hf://'):
    return path
  given = HubPath.parse(path)
  return f'hf://{given.kind}{given.repo}/{given.name}'
