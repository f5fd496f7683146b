"""What is fuzzed: files, and what reads them."""

from collections.abc import Callable, Iterator
import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from support import copied_runs, task_files, tiny_manifests, tiny_plans
from support.corpora import blocks_of, documents, prose, tfrecord, write
from support.evaluation import suite_files
from support.task_sources import exports, pets, prepared_directories
from support.task_sources.task_rows import splits_of, task_with

from ul2_flan.mixtures import definition
from ul2_flan.pipelines import export, mix, verify
from ul2_flan.pipelines.engines import progress
from ul2_flan.pipelines.engines.chain import Share
from ul2_flan.pipelines.launch.overwrite import listed
from ul2_flan.pipelines.run import paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog, denoising
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.manifest import checksum
from ul2_flan.tasks.rendering import OwnTemplates, prepare
from ul2_flan.tasks.rendering.sheet import sheet

BLOCK = SourceOptions(block_bytes=1 << 12)


@dataclasses.dataclass(frozen=True)
class Target:
  """A file and its reader.

  Attributes:
    name: of the target, for people.
    path: the file, as it is when all is well.
    read: reads it.
    sealed: whether the file has a checksum that is to be made anew.
  """

  name: str
  path: Path
  read: Callable[[], Any]
  sealed: bool = False


def all_of(folder: Path) -> list[Target]:
  """Writes all files below a folder, and returns what reads them."""
  made = [
    *_texts(folder / 'texts'),
    *_tasks(folder / 'tasks'),
    *_suites(folder / 'suites'),
    *_tables(folder / 'tables'),
    *_outputs(folder / 'output'),
    *_for_training(folder / 'training'),
  ]
  for target in made:
    target.read()
  return made


def _texts(folder: Path) -> Iterator[Target]:
  texts = prose(8, 20)
  lines = documents(8)
  frames = tfrecord({'text': text.encode()} for text in texts)
  made = {
    'a.jsonl': lines,
    'b.jsonl.gz': lines,
    'c.jsonl.bz2': lines,
    'd.jsonl.zst': lines,
    'e.txt': '\n\n'.join(texts).encode(),
    'f.tfrecord': frames,
    'g.tfrecord.gz': frames,
  }
  for name, data in made.items():
    path = folder / name
    write(path, data)
    yield _text(path, 'auto')
  yield _text(folder / 'e.txt', 'paragraphs')
  exports.export(folder, 'h.parquet', exports.numbered(7))
  yield _text(folder / 'org/name/config/h.parquet', 'parquet')


def _text(path: Path, kind: str) -> Target:
  options = dataclasses.replace(BLOCK, format=kind)
  return Target(
    f'{path.name}, {kind}', path, lambda: blocks_of(str(path), options)
  )


def _tasks(folder: Path) -> Iterator[Target]:
  rows = exports.numbered(7)
  for name in ('train.jsonl', 'train.parquet', 'train.jsonl.gz'):
    root = folder / name
    exports.export(root, name, rows)
    yield _task(exports.TASK, root, root / 'org/name/config' / name)
  root = folder / 'tfds'
  for path in sorted(
    prepared_directories.prepare(root, {'train': [6]}).iterdir()
  ):
    yield _task(prepared_directories.task(classes=('no', 'yes')), root, path)
  p3 = next(catalog.tasks(suite='t0_sf'))
  path = folder / 'p3' / p3.sources[0].locator / 'train.tfrecord-00000-of-00001'
  row = {'inputs_pretokenized': b'Is it?', 'targets_pretokenized': b'Yes'}
  write(path, tfrecord([row] * 5))
  yield _task(p3, folder / 'p3', path)
  path = task_files.write_niv2(folder / 'niv2', task_files.NIV2[0], 5)
  yield _task(catalog.load(f'niv2:{path.stem}'), folder / 'niv2', path)
  path = task_files.write_cot(folder / 'cot', 'gsm8k', 5)
  yield _task(catalog.load('cot:gsm8k'), folder / 'cot', path)
  yield from _separated(folder)
  options = pets.options_in(folder / 'pets')
  root = Path(pets.raw_rows(folder / 'pets'))
  for path in (
    next(Path(options.promptsource).rglob('*.yaml')),
    next(root.rglob('*.jsonl')),
  ):
    task = pets.task_of('pets_small_is_it_tame_')
    yield _task(task, root, path, options)


def _separated(folder: Path) -> Iterator[Target]:
  fields = {'premise': 'a', 'hypothesis': 'b'}
  table = {'rows': [{'a': 'x', 'b': str(i)} for i in range(5)]}
  lines = ['a b c', *(f'x{i} "y" {i}' for i in range(5))]
  for kind, data, each in (
    ('tsv', '\n'.join(lines).replace(' ', '\t'), ''),
    ('csv', '\n'.join(lines).replace(' ', ','), ''),
    ('json', json.dumps(table), 'rows'),
  ):
    path = folder / kind / f'train.{kind}'
    write(path, data.encode())
    inner = {f: f'rows.{c}' for f, c in fields.items()} if each else fields
    source = {'locator': f'{{split}}.{kind}', 'fields': inner, 'each': each}
    yield _task(task_with(kind=kind, **source), path.parent, path)


def _task(
  task: Task, root: Path, path: Path, options: ReadOptions | None = None
) -> Target:
  def read() -> None:
    # What is kept of a file that has changed.
    for function in _KEPT:
      function.cache_clear()
    given = options or ReadOptions(block_rows=3)
    for rows in splits_of(task, root, options=given).values():
      keys = np.array(rows.keys, np.uint64)
      prepare(rows.rows, keys, task=task, source=task.sources[0], seed=0)

  return Target(f'{task.name}, {path.name}', path, read)


def _kept() -> list[Any]:
  from ul2_flan.pipelines.task_sources.promptsource import templates

  return [templates._datasets, templates._templates]


_KEPT = _kept()


def _suites(folder: Path) -> Iterator[Target]:
  for name, made in (
    ('bbh:navigate', suite_files.BBH),
    ('mmlu:anatomy', suite_files.MMLU),
    ('mgsm:de', suite_files.MGSM),
    ('tydiqa:fi', suite_files.TYDIQA),
  ):
    for path, text in made.items():
      write(folder / path, text.encode())
      yield _suite(name, folder, path)


def _suite(name: str, folder: Path, path: str) -> Target:
  def read() -> None:
    suite_files.material(name, {path: (folder / path).read_bytes()})

  return Target(f'{name}, {path}', folder / path, read)


def _tables(folder: Path) -> Iterator[Target]:
  path = folder / 'mixtures.toml'
  text = Path(definition.__file__).with_name('blends.toml').read_bytes()
  write(path, text)

  def mixtures() -> None:
    for name in definition.definitions([str(path)]):
      definition.load(name, [str(path)])

  yield Target('mixtures', path, mixtures)
  table = folder / 'denoisers.toml'
  write(table, denoising.preset_text('ul2').encode())
  yield Target('denoisers', table, lambda: _denoisers(table))
  own = folder / 'own' / 'nli.toml'
  shipped = Path(catalog.__file__).parents[1] / 'templates/nli.toml'
  write(own, shipped.read_bytes())

  def templates() -> None:
    read = OwnTemplates.read(str(own.parent))
    list(sheet(catalog.load('flan2021:rte'), seed=0, own_templates=read))

  yield Target('templates', own, templates)


def _denoisers(path: Path) -> None:
  from ul2_flan.tasks import buckets

  text = buckets.read_text('--denoisers', str(path))
  table = denoising.parse_table(text, str(path))
  assert table.denoisers


def _outputs(folder: Path) -> Iterator[Target]:
  tiny_manifests.write(folder)
  for path in sorted(p for p in folder.rglob('*') if p.is_file()):
    yield Target(f'verify, {path.name}', path, lambda: _verify(folder))
  manifest = folder / manifest_lib.FILE_NAME
  yield Target('sealed', manifest, lambda: _verify(folder), sealed=True)
  run = folder.with_name('run')
  everything = folder.with_name('everything.toml')
  write(everything, copied_runs.EVERYTHING.encode())
  # Its bytes are not looked at.
  copied_runs.write_run(run, str(everything), members=3, examples=9)
  path = run / manifest_lib.FILE_NAME
  yield Target('mix', path, lambda: _mix(run, everything))
  yield Target('mix, sealed', path, lambda: _mix(run, everything), sealed=True)
  yield Target('export, sealed', path, lambda: _export(run), sealed=True)
  yield Target('overwrite', manifest, lambda: overwrite_listed(folder), True)
  begun = folder.with_name('begun')
  plan = tiny_plans.plan_of_sizes([5, 7])
  path = Path(paths.plan_path(str(begun)))
  write(path, plan.to_json())
  yield Target('plan', path, lambda: _plan(begun))
  report = tiny_plans.report_of(plan, 0)
  reports.write(report, str(begun))
  path = Path(paths.report_path(str(begun), 0))
  yield Target('report', path, lambda: _plan(begun))
  beat = Path(paths.progress_folder(str(begun)), 'beat-1.json')
  write(beat, b'{"bytes": 3}')
  yield Target('beat', beat, lambda: progress.state(plan, str(begun), Share()))


def _verify(folder: Path) -> None:
  verify.verify(str(folder), quick=False)


def _mix(folder: Path, definitions: Path) -> None:
  config = mix.Config(
    manifests=[str(folder)],
    mixture='everything',
    definitions=[str(definitions)],
    num_examples=20,
  )
  mix.plan(config, output=str(folder.with_name('mixed')))


def _export(folder: Path) -> None:
  config = export.Config(manifest=str(folder), format='parquet')
  export.plan(config, output=str(folder.with_name('exported')))


def _for_training(folder: Path) -> Iterator[Target]:
  """What TensorFlow reads, where it is at hand."""
  if importlib.util.find_spec('tensorflow') is None:
    return
  # It takes seconds to import.
  from ul2_flan.trainer_plugin import prompts, record

  stage = record.StageRecord(('python',), 'manifest.json', 'ff', {'t5x': ''})
  record.write(str(folder), {'ul2r': stage})
  path = folder / record.FILE_NAME
  yield Target('stages', path, lambda: record.read(str(folder)))
  lines = folder / 'prompts.jsonl'
  write(lines, b'{"inputs": "a", "targets": "b"}\n{"inputs": "c"}\n')
  yield Target('prompts', lines, lambda: prompts.read(str(lines)))
  plain = folder / 'prompts.txt'
  write(plain, b'a\nb\n')
  yield Target('plain prompts', plain, lambda: prompts.read(str(plain)))


def overwrite_listed(folder: Path) -> None:
  listed.Listed.of(str(folder))


def _plan(folder: Path) -> None:
  overwrite_listed(folder)
  plan_lib.find(paths.plan_path(str(folder)))
  for item in reports.items_with_report(str(folder)):
    if report := reports.read(str(folder), item):
      reports.damaged(report, str(folder))


def sealed(data: bytes) -> bytes:
  """Gives a manifest the checksum that its bytes would have."""
  import google_crc32c

  head = data.rpartition(b',\n"crc32c"')[0] or data.rstrip(b'}\n')
  return head + checksum.last_member(google_crc32c.value(head))
