"""A manifest is read from the output folder, and its absence is explained."""

import pytest

from ul2_flan.pipelines.storage import files, manifest_of
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


def test_an_output_without_a_manifest_is_not_complete(tmp_path):
  with pytest.raises(UserError, match=r'there is no .*goes on where it stop'):
    manifest_of(str(tmp_path))


def test_a_manifest_that_is_no_json_is_named(tmp_path):
  path = str(tmp_path / manifest_lib.FILE_NAME)
  files.write_bytes(path, b'{', str(tmp_path))
  with pytest.raises(UserError, match=manifest_lib.FILE_NAME):
    manifest_of(str(tmp_path))
