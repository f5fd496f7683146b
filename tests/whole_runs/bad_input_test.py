"""Bad records are counted and kept with their place; a run loses none."""

import json
from pathlib import Path
import subprocess
import sys

import pytest
from support.corpora import (
  documents,
  json_lines,
  prose,
  quarantined,
  run,
  shards_of,
  write,
)
from support.outputs import manifest_of

from ul2_flan.pipelines.run import Counts
from ul2_flan.tasks.errors import UserError

GOOD = documents(40)

# A line for each way of being wrong, in a file of good ones.
BAD = {
  b'{"text": "caf\xe9"}': 'invalid_utf8',
  b'{"text": "no end': 'not_json',
  b'["a", "list"]': 'wrong_type',
  b'{"txt": "another field"}': 'missing_field',
  b'{"text": null}': 'missing_field',
  b'{"text": 7}': 'wrong_type',
  json.dumps({'text': '\x00\x01\x02' * 30}).encode(): 'not_text',
}


def counts_of(output: Path) -> Counts:
  return Counts(manifest_of(output).run['counts'])


def reject_counts(output: Path) -> dict[str, int]:
  return counts_of(output).below('documents/rejected')


def test_every_bad_line_is_counted_and_kept_with_its_place(
  tmp_path: Path, vocabulary_path: str
):
  data = GOOD + b'\n'.join(BAD) + b'\n' + GOOD
  path = write(tmp_path / 'a.jsonl', data)
  out = tmp_path / 'out'
  assert run(path, out, vocabulary_path, '--max_reject_fraction=0.5') == 0
  kept = quarantined(out)
  assert sorted(r['reason'] for r in kept) == sorted(BAD.values())
  for reject in kept:
    assert reject['source'] == path
    line = data[reject['place'] :].split(b'\n')[0]
    assert BAD[line] == reject['reason']
    shown = (
      json.loads(line)['text']
      if reject['reason'] == 'not_text'
      else (line.decode(errors='backslashreplace'))
    )
    assert reject['record'] == shown
  assert reject_counts(out) == {
    'invalid_utf8': 1,
    'missing_field': 2,
    'not_json': 1,
    'not_text': 1,
    'wrong_type': 2,
  }
  assert counts_of(out)['documents/read'] == 80 + len(BAD)


def test_bad_lines_change_no_example(tmp_path: Path, vocabulary_path: str):
  clean = write(tmp_path / 'clean.jsonl', GOOD)
  dirty = write(tmp_path / 'dirty.jsonl', b'\n'.join(BAD) + b'\n' + GOOD)
  flags = ['--max_reject_fraction=1', '--min_shards=1']
  for path in (clean, dirty):
    assert run(path, tmp_path / Path(path).stem, vocabulary_path, *flags) == 0
  found = [shards_of(tmp_path / name) for name in ('clean', 'dirty')]
  assert found[0] == found[1]


@pytest.mark.parametrize(
  ('name', 'spoil', 'least'),
  [
    ('cut.jsonl.gz', lambda data: data[:-4000], 500),
    ('cut.jsonl.zst', lambda data: data[:-4000], 500),
    ('crc.jsonl.gz', lambda data: data[:-6] + b'\0' + data[-5:], 500),
    ('not.jsonl.gz', lambda data: b'not gzip at all' * 50, 0),
    ('not.tfrecord', lambda data: data, 0),
    ('not.parquet', lambda data: data, 0),
  ],
)
def test_a_damaged_file_fails_the_run_unless_it_may_be_there(
  tmp_path: Path,
  vocabulary_path: str,
  capsys: pytest.CaptureFixture[str],
  name: str,
  spoil,
  least: int,
):
  write(tmp_path / 'in/a.jsonl', GOOD)
  lines = json_lines({'text': f'{i} {t}'} for i, t in enumerate(prose(1000)))
  path = Path(write(tmp_path / 'in' / name, lines))
  path.write_bytes(spoil(path.read_bytes()))
  out = tmp_path / 'out'
  flags = ['--max_reject_fraction=0.5', '--min_shards=1']
  assert run(str(tmp_path / 'in'), out, vocabulary_path, *flags) == 1
  said = capsys.readouterr().err
  assert f'1 damaged file\n  {path}, at ' in said
  assert '--max_damaged_files 0' in said
  assert not (out / 'manifest.json').exists()
  # All is done: the same command with a larger budget only ends the run.
  before = {p: p.stat().st_mtime_ns for p in out.rglob('train.tfrecord-*')}
  assert before
  flags += ['--max_damaged_files=1']
  assert run(str(tmp_path / 'in'), out, vocabulary_path, *flags) == 0
  assert before == {p: p.stat().st_mtime_ns for p in before}
  assert list(manifest_of(out).run['damaged_files']) == [str(path)]
  assert f'1 damaged file\n  {path}, at ' in (out / 'summary.txt').read_text()
  assert reject_counts(out)['damaged_file'] == 1
  (damage,) = [r for r in quarantined(out) if r['reason'] == 'damaged_file']
  assert damage['source'] == str(path)
  used = counts_of(out)['documents/used']
  assert 40 + least <= used < 40 + 1000


def test_a_mended_file_is_read_again_and_nothing_else(
  tmp_path: Path, vocabulary_path: str
):
  for name in 'abc':
    data = json_lines({'text': f'{name} {text}'} for text in prose(300))
    path = Path(write(tmp_path / f'in/{name}.jsonl.gz', data))
  whole = path.read_bytes()
  # The run has planned with less text than there is.
  half = len(whole) // 2
  path.write_bytes(whole[:half] + bytes(len(whole) - half))
  out, source = tmp_path / 'out', str(tmp_path / 'in')
  flags = ['--min_shards=3']
  assert run(source, out, vocabulary_path, *flags) == 1
  before = {p: p.stat().st_mtime_ns for p in out.rglob('train.tfrecord-*')}
  assert len(before) == 3
  path.write_bytes(whole)
  assert run(source, out, vocabulary_path, *flags) == 0
  again = [p.name for p, t in before.items() if p.stat().st_mtime_ns != t]
  assert again == ['train.tfrecord-00002-of-00003']
  assert run(source, tmp_path / 'fresh', vocabulary_path, *flags) == 0
  assert shards_of(out) == shards_of(tmp_path / 'fresh')


def test_empty_files_among_others_change_nothing(
  tmp_path: Path, vocabulary_path: str
):
  for name in ('a.jsonl', 'b.txt', 'c.jsonl.gz', 'd.tfrecord'):
    write(tmp_path / 'in' / name, b'')
  path = write(tmp_path / 'in/f.jsonl', GOOD)
  assert run(str(tmp_path / 'in'), tmp_path / 'one', vocabulary_path) == 0
  assert reject_counts(tmp_path / 'one') == {}
  counts = counts_of(tmp_path / 'one')
  assert counts['documents/read'] == 40
  assert path in manifest_of(tmp_path / 'one').run['sources']


def test_a_compressed_file_without_a_byte_is_damaged(
  tmp_path: Path, vocabulary_path: str, capsys
):
  write(tmp_path / 'in/f.jsonl', GOOD)
  (tmp_path / 'in/e.jsonl.gz').touch()
  assert run(str(tmp_path / 'in'), tmp_path / 'one', vocabulary_path) == 1
  assert 'e.jsonl.gz, at 0: it is empty' in capsys.readouterr().err


@pytest.mark.parametrize(
  ('names', 'data', 'message'),
  [
    (['a.jsonl', 'b.txt'], b'', 'are empty'),
    (['a.jsonl', 'b.jsonl.gz'], b'\n\n\n', 'no record'),
    (['a.jsonl'], b'{"txt": "a"}\n' * 5, 'missing_field.*--text_field'),
    (['a.jsonl', 'b.jsonl'], b'plain text\n' * 5, 'not_json.*--format'),
    (['a.csv'], b'text\na\n', r'a\.csv: cannot tell.*--format'),
  ],
)
def test_sources_without_one_document_are_an_error_before_work_starts(
  tmp_path: Path, vocabulary_path: str, names, data: bytes, message: str
):
  for name in names:
    write(tmp_path / 'in' / name, data)
  with pytest.raises(UserError, match=message):
    run(str(tmp_path / 'in'), tmp_path / 'out', vocabulary_path)
  assert not (tmp_path / 'out').exists()


def test_too_many_rejects_fail_the_run_and_nothing_is_done_twice(
  tmp_path: Path, vocabulary_path: str, capsys: pytest.CaptureFixture[str]
):
  path = write(tmp_path / 'a.jsonl', GOOD + b'no JSON\n{"txt": "a"}\n')
  out = tmp_path / 'out'
  assert run(path, out, vocabulary_path) == 1
  said = capsys.readouterr().err
  assert '2 of 42 records were rejected (1 missing_field, 1 not_json)' in said
  assert '--max_reject_fraction 0.01' in said
  assert str(out / 'quarantine') in said
  assert not list(out.rglob('COMPLETED'))
  assert not (out / 'manifest.json').exists()

  before = {p: p.stat().st_mtime_ns for p in out.rglob('*.tfrecord-*')}
  assert run(path, out, vocabulary_path, '--max_reject_fraction=0.05') == 0
  after = {p: p.stat().st_mtime_ns for p in out.rglob('ul2r/train*')}
  assert after == {p: t for p, t in before.items() if p in after}
  assert len(after) == 2
  assert reject_counts(out) == {'missing_field': 1, 'not_json': 1}
  assert len(quarantined(out)) == 2


_MEASURE = """
import pathlib, re, sys
from ul2_flan.pipelines import ul2
def peak():
  # Not getrusage: its peak is inherited from the process that starts this one.
  status = pathlib.Path('/proc/self/status').read_text()
  return int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) >> 10
before = peak()
status = ul2.main(sys.argv[1:])
print('grown by', peak() - before, 'MB')
sys.exit(status)
"""


@pytest.mark.skipif(
  not Path('/proc/self/status').exists(), reason='needs Linux to tell the peak'
)
def test_a_document_of_50_mb_takes_little_memory(
  tmp_path: Path, vocabulary_path: str
):
  text = '\n'.join(prose(1000))
  document = json.dumps({'text': text * (50_000_000 // len(text) + 1)})
  path = write(tmp_path / 'a.jsonl', GOOD + document.encode() + b'\n')
  argv = ['--input', path, '--output', str(tmp_path / 'out')]
  argv += ['--vocabulary', vocabulary_path, '--min_shards=1']
  done = subprocess.run(
    [sys.executable, '-c', _MEASURE, *argv],
    check=True,
    capture_output=True,
    text=True,
  )
  grown = int(done.stdout.split('grown by ')[1].split()[0])
  assert 50 < grown < 700
  counts = counts_of(tmp_path / 'out')
  assert counts['documents/used'] == 41
  assert counts['tokens/used'] > 10_000_000
