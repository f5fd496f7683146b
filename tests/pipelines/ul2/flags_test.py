"""The flags of `ul2` are its configuration."""

import pytest

from ul2_flan.pipelines.launch.flags import make_parser, values_of
from ul2_flan.pipelines.sources import READERS
from ul2_flan.pipelines.ul2 import Config
from ul2_flan.pipelines.ul2.flags import configure
from ul2_flan.pipelines.ul2.kind import KIND


def parse(*argv: str) -> Config:
  parser = make_parser('ul2', '', '', KIND.all_flags)
  given = parser.parse_args(
    ['--input', 'a', 'b', '--vocabulary=v', '--output=o', *argv]
  )
  return configure(values_of(KIND.all_flags, Config, vars(given)))


def test_each_flag_comes_to_its_field():
  config = parse(
    *('--preset=ul2', '--extra_ids=5', '--decoder_only', '--shard_mb=0.5'),
    *('--on_sentinel_overflow=merge', '--per_denoiser', '--name=a:b'),
  )
  assert config == Config(
    inputs=['a', 'b'],
    vocabulary='v',
    preset='ul2',
    extra_ids=5,
    decoder_only=True,
    shard_mb=0.5,
    on_sentinel_overflow='merge',
    per_denoiser=True,
    name='a:b',
  )


@pytest.mark.parametrize('reader', READERS)
def test_help_lists_each_format(reader: str):
  assert reader in make_parser('ul2', '', '', KIND.all_flags).format_help()
