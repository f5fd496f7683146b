"""A worker writes what its run has, and refuses what another has written."""

import gc
from pathlib import Path
import shutil

import pytest

from ul2_flan.pipelines import export
from ul2_flan.pipelines.export.worker import ExportWorker, described
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.open_files import OpenFiles
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError


def test_counts_are_those_of_the_manifest(runs, tmp_path):
  run = str(runs['enc_dec'])
  config = export.Config(manifest=run, format='parquet')
  plan = export.plan(config, output='out').plan
  worker, counts = ExportWorker(plan), Counts()
  for item in plan.items:
    for part in item.parts:
      with OpenFiles(str(tmp_path)) as opened:
        made = described(*worker.export(part, opened, counts))
        opened.commit()
      assert (tmp_path / made.path).stat().st_size == made.bytes
  for name, splits in manifest_of(run).data_sets.items():
    for split, info in splits.items():
      for key, number in info.stats.items():
        assert counts_of(counts, f'{name}/data/{split}/all/{key}') == number


def counts_of(counts: Counts, path: str) -> int:
  owner, _, name = path.partition('/')
  numbers = counts.maxima if name.endswith('_max_tokens') else counts.sums
  return numbers.get(owner, {}).get(name, 0)


def test_a_run_that_took_the_place_of_another_is_refused(runs, tmp_path):
  copy = tmp_path / 'run'
  shutil.copytree(runs['enc_dec'], copy)
  config = export.Config(manifest=str(copy), format='parquet')
  plan = export.plan(config, output='out').plan
  shutil.rmtree(copy)
  shutil.copytree(runs['decoder'], copy)
  with pytest.raises(UserError, match='is of another run than'):
    ExportWorker(plan)


@pytest.mark.parametrize('file_format', ['parquet', 'array_record'])
def test_a_damaged_shard_is_refused_and_leaves_nothing(
  runs, tmp_path, file_format: str
):
  if file_format == 'array_record':
    pytest.importorskip('array_record', reason='needs ul2-flan[array_record]')
  copy, output = tmp_path / 'run', tmp_path / 'out'
  shutil.copytree(runs['enc_dec'], copy)
  config = export.Config(manifest=str(copy), format=file_format)
  plan = export.plan(config, output=str(output)).plan
  piece = plan.items[0].pieces[0]
  path = Path(piece.path)
  path.write_bytes(path.read_bytes()[:-1] + b'x')
  worker = ExportWorker(plan)
  with (
    pytest.raises(UserError, match='is not as its run wrote it'),
    OpenFiles(str(output)) as opened,
  ):
    worker.write(piece, opened.open('a'))
  # pytest fails if what is collected now complains of a closed file.
  gc.collect()
  assert not [p for p in output.rglob('*') if p.is_file()]
