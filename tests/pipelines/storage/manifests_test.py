"""A manifest is read from the output folder, and its absence is explained."""

from pathlib import Path
import re

import pytest

from ul2_flan.pipelines.storage import files, manifest_of
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

# What lies in the folder, what is given, and what people are told.
NO_MANIFEST = [
  ([], 'out', 'out is empty. Give the --output of a finished run'),
  ([], 'none', 'none does not exist. Give the --output'),
  (['x'], 'out', 'no run has ended there. Give the --output'),
  (['x'], 'out/x', 'out/x is not a folder. Give'),
  (['manifest.json/x'], 'out', 'there is a folder of this name. Give'),
  (['manifest.json', 'n/a/t/s/x'], 'out/n/a/t/s', 'out. Give that folder'),
  (['_progress/plan.json'], 'out', 'same command again: it goes on where it'),
]


@pytest.mark.parametrize(('there', 'given', 'said'), NO_MANIFEST)
def test_what_is_no_output_of_a_finished_run_is_told_apart(
  tmp_path: Path, there: list[str], given: str, said: str
):
  (tmp_path / 'out').mkdir()
  for name in there:
    path = tmp_path / 'out' / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
  with pytest.raises(UserError, match=re.escape(said)) as error:
    manifest_of(str(tmp_path / given))
  assert f'there is no {tmp_path / given}/manifest.json: ' in str(error.value)


def test_a_manifest_that_is_no_json_is_named(tmp_path):
  path = str(tmp_path / manifest_lib.FILE_NAME)
  files.write_bytes(path, b'{', str(tmp_path))
  with pytest.raises(UserError, match=manifest_lib.FILE_NAME):
    manifest_of(str(tmp_path))
