"""Archives of google-research/FLAN, as a git host makes them."""

import io
import tarfile

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import facts

COMMIT = 'e9e4ec6' + '0' * 33
ARCHIVE = 'google-research/FLAN/tar.gz/e9e4ec6'


def archive_of(files: dict[str, bytes], commit: str = COMMIT) -> bytes:
  """An archive as `git archive` makes it."""
  out = io.BytesIO()
  form = {'format': tarfile.PAX_FORMAT, 'pax_headers': {'comment': commit}}
  with tarfile.open(fileobj=out, mode='w:gz', **form) as tar:
    for name, data in files.items():
      member = tarfile.TarInfo(f'FLAN-{commit}/{name}')
      member.size = len(data)
      tar.addfile(member, io.BytesIO(data))
  return out.getvalue()


def cot_files() -> dict[str, bytes]:
  files = {'README.md': b'# FLAN', 'flan/v2/mixtures.py': b''}
  for task in catalog.tasks(suite='cot', inverted=False):
    name = facts.facts_of(task).files
    rows = (
      f'{task.name} {i}: what is {i}?\t{i}\tIt is {i}, as it says.\n'
      for i in range(30)
    )
    files[name] = ''.join(rows).encode()
  return files
