"""A person sees the denoisers of a run, solved for its lengths."""

import numpy as np
import pytest

from ul2_flan.pipelines.ul2 import outline
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import FeatureLengths, Objective
from ul2_flan.tasks.denoising.sentinels import Sentinels


def objective(sentinels: int) -> Objective:
  table = denoising.load_preset('ul2r')
  return denoising.solve(
    table,
    FeatureLengths(512, 512, False),
    [np.array([9], np.int32) for _ in table.denoisers],
    Sentinels(1000, sentinels),
    seed=0,
    min_tokens=16,
  )


def test_every_denoiser_has_a_line():
  made = objective(200)
  header, *lines = outline.of_objective(made).splitlines()
  assert header.split() == [
    *('denoiser', 'mode', 'mean_span', 'density', 'rate', 'raw_tokens'),
    'max_spans',
  ]
  for d, raw, line in zip(made.denoisers, made.raw, lines, strict=True):
    cells = line.split()
    assert cells[0] == d.name
    assert cells[2] == (
      'prefix' if d.corruption == 'prefix' else f'{d.mean_span:g}'
    )
    assert cells[5].replace(',', '') == str(raw.tokens)


def test_segments_that_sentinels_shorten_are_told():
  text = outline.of_objective(objective(20))
  assert 'x_3_50: segments of ' in text
  assert 'because there are only 20 sentinels' in text


def test_every_preset_is_listed_with_what_it_is():
  lines = outline.of_presets().splitlines()
  assert [line.split(':')[0].strip() for line in lines] == list(
    denoising.presets()
  )
  assert all(len(line.split(': ', 1)[1]) > 20 for line in lines)


@pytest.mark.parametrize('preset', denoising.presets())
def test_a_preset_can_be_loaded_by_the_name_in_the_list(preset: str):
  assert denoising.load_preset(preset).description in outline.of_presets()
