"""Examples to show are of every denoiser and group, and of every member."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.examples import sample
from ul2_flan.pipelines.examples.stretches import Stretch
from ul2_flan.pipelines.report import texts


@given(st.lists(st.text(), max_size=6), st.integers(1, 9))
def test_a_cut_text_is_a_beginning(parts: list[str], most: int):
  short = texts.cut([Stretch(part) for part in parts], most)
  whole, shown = ''.join(parts), ''.join(s.text for s in short)
  if len(whole) <= most:
    assert shown == whole
  else:
    assert shown == f'{whole[:most]} …'


def test_every_denoiser_is_shown(shown_runs):
  run = shown_runs['ul2']
  found = texts.denoised(run, sample.read(run))
  assert {'r_3_15', 's_50', 'x_3_50'} <= found.keys()
  for name, many in found.items():
    for one in texts.good_ones(many):
      assert ' or '.join(one.denoisers) == name
  assert texts.denoised(shown_runs['flan'], {}) == {}


def test_every_group_is_shown_with_its_provenance(shown_runs):
  run = shown_runs['flan']
  found = texts.as_they_are(run, sample.read(run))
  assert found.keys() == {
    f'{suite} · {setting}'
    for suite in ('niv2', 'cot')
    for setting in ('zs_opt', 'fs_opt')
  }
  first, second = found['niv2 · zs_opt']
  assert first.title != second.title
  notes = dict(first.notes)
  assert notes.keys() == {'source', 'key', 'template', 'exemplars'}
  assert ''.join(s.text for s in first.inputs)
  assert texts.as_they_are(shown_runs['packed'], {}) == {}


def test_bars_fill_what_tokens_fill(shown_runs):
  run = shown_runs['packed']
  made = texts.packs(run, sample.read(run))
  assert made.exact
  assert {m.partition(':')[0] for m in made.members} == {'ul2r', 'flan'}
  for sides in made.sequences:
    assert sides.keys() == {'inputs', 'targets'}
    for bars in sides.values():
      end = 0.0
      for bar in bars:
        assert bar.start == pytest.approx(end)
        end = bar.start + bar.width
      assert end <= 1
  number, unfolded = made.unfolded[0]
  assert len(unfolded) == len(made.sequences[number - 1]['inputs'])
  assert texts.packs(shown_runs['ul2'], {}) is None
