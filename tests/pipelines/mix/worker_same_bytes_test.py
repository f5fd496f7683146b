"""The bytes of a mix run do not depend on who makes them, or how."""

import pytest
from support.corpora import tree

from ul2_flan.pipelines import mix, verify
from ul2_flan.pipelines.mix import worker


@pytest.mark.parametrize('pack', [(), ('--pack=enc_dec',)])
def test_the_same_bytes_for_any_passes_and_workers(flags, tmp_path, pack):
  assert mix.main(flags('one', *pack)) == 0
  assert mix.main(flags('three', *pack, '--passes=3')) == 0
  assert mix.main(flags('beam', *pack, '--runner=FnApiRunner')) == 0
  assert mix.main(flags('two', *pack, '--local_workers=2')) == 0
  one = tree(tmp_path / 'one')
  for other in ('three', 'beam', 'two'):
    assert tree(tmp_path / other) == one
  assert verify.main([str(tmp_path / 'one')]) == 0


def test_how_members_are_read_does_not_matter(flags, tmp_path, monkeypatch):
  assert mix.main(flags('one')) == 0
  monkeypatch.setattr(worker, '_READ_BYTES', 1)
  monkeypatch.setattr(worker, 'HELD_BYTES', 1)
  assert mix.main(flags('two', '--local_workers=1')) == 0
  assert tree(tmp_path / 'two') == tree(tmp_path / 'one')
