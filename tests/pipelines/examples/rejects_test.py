"""What was not used is read from the quarantine."""

from pathlib import Path
import shutil

from ul2_flan.pipelines import examples
from ul2_flan.pipelines.examples import rejects


def test_records_have_their_reason_and_place(shown_runs):
  found = {r.reason: r for r in rejects.read(shown_runs['ul2'])}
  assert found['not_json'].record == '<not json>'
  assert found['not_json'].source.endswith('text.jsonl')
  assert int(found['not_json'].place) > 0


def test_a_line_that_was_changed_is_shown_as_it_is(tmp_path: Path, shown_runs):
  run = shown_runs['ul2']
  (tmp_path / 'quarantine').mkdir()
  shutil.copy(Path(run.output, 'manifest.json'), tmp_path)
  lines = b'["a"]\n{"reason": 5}\n\xff\nhalf a line'
  (tmp_path / 'quarantine/item-000000.jsonl').write_bytes(lines)
  found = [*rejects.read(examples.load(str(tmp_path)))]
  assert [r.reason for r in found] == ['not readable'] * 3
  assert found[2].record == '\ufffd\n'
