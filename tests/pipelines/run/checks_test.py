"""Checks refuse what is out of range, and name the flag and the rule."""

import json
from pathlib import Path
import types

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support import tiny_manifests

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest
from ul2_flan.tasks.errors import UserError


@given(seed=st.integers())
def test_a_seed_is_one_that_json_keeps(seed: int):
  if -(2**63) <= seed < 2**63:
    checks.check_seed(seed)
    assert json.loads(files.to_json({'seed': seed}))['seed'] == seed
  else:
    with pytest.raises(UserError, match='must fit in 64 bits'):
      checks.check_seed(seed)


@given(
  name=st.text() | st.text('é:').map(lambda s: 40 * s), parts=st.booleans()
)
def test_a_name_makes_folders_below_the_output(name: str, parts: bool):
  try:
    checks.check_name(name, parts=parts)
  except UserError:
    return
  folders = manifest.folder_of(name).split('/')
  assert len(folders) == 1 or parts
  assert all(folder and folder[0] not in '._' for folder in folders)
  assert all(len(folder.encode()) < 256 for folder in folders)


@pytest.mark.parametrize(
  'name', ['', '..', 'a/b', '_a', 'a b', 'quarantine', 'Summary.txt', 128 * 'é']
)
@pytest.mark.parametrize('given', ['--name', '--denoisers own.toml: name'])
def test_a_bad_name_is_told_with_its_flag(name: str, given: str):
  with pytest.raises(UserError, match=f"^{given} '{name}': "):
    checks.check_name(name, given=given)


def test_no_name_is_that_of_a_file_beside_the_data_sets(tmp_path: Path):
  tiny_manifests.write(tmp_path)
  for path in tmp_path.iterdir():
    if path.name == tiny_manifests.MANIFEST.name:
      continue
    with pytest.raises(UserError, match='something else of that name'):
      checks.check_name(path.name)


@pytest.mark.parametrize(
  ('name', 'parts'),
  [
    ('ul2r', False),
    ('c4.en_1', False),
    ('é', False),
    ('a:b', True),
    ('a:quarantine', True),
    (255 * 'x', False),
  ],
)
def test_a_good_name_is_taken(name: str, parts: bool):
  checks.check_name(name, parts=parts)


@given(fraction=st.floats())
def test_a_validation_fraction_has_a_range(fraction: float):
  if 0 <= fraction <= 0.1:
    checks.check_validation_fraction(fraction)
  else:
    with pytest.raises(UserError, match=r'--validation_fraction is .* within'):
      checks.check_validation_fraction(fraction)


@given(megabytes=st.floats())
def test_a_shard_has_a_byte_at_least_and_json_takes_its_size(megabytes):
  if 1e-6 <= megabytes < 1e12:
    size = checks.shard_bytes(megabytes)
    assert 1 <= size < 2**63
    assert size == pytest.approx(megabytes * 1e6, abs=0.5)
  elif not 0 < megabytes < 1e12:
    with pytest.raises(UserError, match=r'--shard_mb is .* above 0'):
      checks.shard_bytes(megabytes)


def test_a_number_out_of_bounds_is_told_with_its_flag():
  numbers = types.SimpleNamespace(a=1, b=2.5, c=0, d=None)
  checks.check_at_least(numbers, 1, 'a', 'b', 'd')
  with pytest.raises(UserError, match=r'^--c is 0: it must be at least 1$'):
    checks.check_at_least(numbers, 1, 'a', 'c')
  with pytest.raises(UserError, match=r'^--b is 2.5: it must be at most 2$'):
    checks.check_at_least(numbers, 0, 'c', 'a', 'd', 'b', most=2)


def test_one_text_is_not_a_list_of_its_letters():
  checks.check_listed('inputs', ('a', 'b'))
  checks.check_listed('sources', [])
  with pytest.raises(UserError, match=r"inputs is 'ab': .* such as \['ab'\]"):
    checks.check_listed('inputs', 'ab')
