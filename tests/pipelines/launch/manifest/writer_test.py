"""A manifest that is written piece by piece is read as a whole."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support import manifests

from ul2_flan.pipelines.launch.manifest.writer import ManifestWriter
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.manifest import Feature

NAMES = st.text('abc:é"', min_size=1, max_size=6)
NUMBERS = st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(1, 9)))


@given(data_sets=manifests.ANY_DATA_SETS, sums=NUMBERS, maxima=NUMBERS)
def test_a_manifest_written_in_pieces_is_read_as_a_whole(
  tmp_path_factory, data_sets, sums, maxima
):
  path = str(tmp_path_factory.getbasetemp() / 'in_pieces.json')
  counts = Counts(dict(sums), dict(maxima))
  fields = {
    'name': 'n',
    'features': {'inputs': Feature('int32', 8)},
    'vocabulary': manifests.VOCABULARY,
    'decoder_only': True,
    'mixtures': {'n': {'a': 0.5}},
  }
  with files.whole_file(path, f'{path}-') as file, ManifestWriter(file) as made:
    for name, splits in data_sets.items():
      made.add({name: splits}, counts.take([name]))
    made.add({}, counts)
    made.end(manifests.RUN, fields)
  found = manifest_lib.parse(files.read_bytes(path), path)
  assert found == manifest_lib.Manifest(
    **fields,
    data_sets=data_sets,
    run={**manifests.RUN, 'counts': sums, 'maxima': maxima},
  )
  assert manifest_lib.is_unchanged(files.read_bytes(path))
  # A line for each, so that one finds and compares them with line tools.
  lines = Path(path).read_text().splitlines()
  for name, splits in data_sets.items():
    start = json.dumps(name, ensure_ascii=False) + ':{'
    own = [line for line in lines if line.startswith(start)]
    assert any(line.count('"shards"') == len(splits) for line in own)
