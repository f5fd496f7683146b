"""Files are listed, compared and deleted; errors say what to do."""

import json
from pathlib import Path

import pytest

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks.errors import UserError


def test_deleting_what_is_gone_is_no_error(tmp_path: Path):
  (tmp_path / 'a').write_bytes(b'')
  files.delete([str(tmp_path / 'a'), str(tmp_path / 'b')])
  files.delete([])
  assert not files.exists(str(tmp_path / 'a'))


@pytest.mark.parametrize(
  'call',
  [
    folders.match,
    files.open_read,
    files.exists,
    lambda path: files.join(path, 'b'),
    lambda path: files.WholeFile('/tmp/a', path),
  ],
)
@pytest.mark.parametrize('scheme', ['nowhere', 'hdfss'])
def test_the_error_for_an_unknown_scheme_says_what_to_install(
  call, scheme: str
):
  with pytest.raises(
    UserError, match=rf"cannot open '{scheme}://a.*ul2-flan\[gcp\]"
  ):
    call(f'{scheme}://a/x')


def test_json_is_for_people_and_always_the_same():
  value = {'b': 1, 'a': ['é', None]}
  data = files.to_json(value)
  assert data == files.to_json(dict(reversed(value.items())))
  assert json.loads(data) == value
  assert 'é'.encode() in data
  assert data.endswith(b'}\n')
