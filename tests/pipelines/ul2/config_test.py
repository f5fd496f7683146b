"""Mistakes in a configuration are told before work starts."""

from pathlib import Path

import pytest
from support.plans import ul2_plan

from ul2_flan.tasks import denoising
from ul2_flan.tasks.errors import UserError

# Flags, and what the message must say: what was given, the rule, the remedy.
WRONG_FLAGS = [
  (
    ['--preset=ul2rr'],
    r"preset 'ul2rr'. Did you mean 'ul2r'\? Known: causal_lm",
  ),
  (
    ['--mode_tokens=nlu_s2s'],
    r"--mode_tokens 'nlu_s2s'. Did you mean 'nlu_s2s_nlg'",
  ),
  (['--format=json'], r"format 'json'. Did you mean 'jsonl'\?"),
  (['--name=a/b'], r"--name 'a/b': give letters"),
  (['--name=..'], r"--name '\.\.': .* a letter or digit comes first"),
  (['--name=a:_progress'], 'a letter or digit comes first'),
  (['--name=quarantine'], 'give another --name'),
  (['--validation_fraction=0.5'], r'is 0\.5: it must be within \[0, 0\.1\]'),
  (['--validation_fraction=-0.1'], r'within \[0, 0\.1\]'),
  (['--validation_fraction=nan'], r'within \[0, 0\.1\]'),
  (['--shard_mb=0'], '--shard_mb is 0.0: it must be a number above 0'),
  (['--shard_mb=nan'], '--shard_mb is nan'),
  (['--shard_mb=inf'], '--shard_mb is inf'),
  (['--extra_ids=0'], r'vocabulary has 0\. Give a vocabulary with sentinels'),
  (
    ['--extra_ids=2', '--on_sentinel_overflow=refuse'],
    r'has 3 noise spans, .* 2 sentinels.*shorten .* or merge',
  ),
  (
    ['--inputs_length=4'],
    r'no segment fits inputs of 4 .*a larger --inputs_length',
  ),
  (
    ['--targets_length=2'],
    r"denoiser 'r_3_15': no segment fits .*targets of 2",
  ),
  (['--min_tokens=1'], r'--min_tokens is 1: it must be at least 2 and at most'),
  (['--min_tokens=999'], r'is 999.*shortest full segment, \d+'),
  (['--text_field=texts'], r"missing_field: no 'texts'.*--text_field"),
  (['--id_field=url'], r"missing_field: no 'url'; the record has id, text"),
  (['--denoisers=/none.toml'], r"--denoisers '/none\.toml': "),
]


@pytest.mark.parametrize(('flags', 'message'), WRONG_FLAGS)
def test_a_wrong_flag_is_an_error_that_says_what_to_do(
  corpus: str, vocabulary_path: str, flags: list[str], message: str
):
  with pytest.raises(UserError, match=f'(?s){message}'):
    ul2_plan(corpus, vocabulary_path, *flags)


@pytest.mark.parametrize(
  ('data', 'message'),
  [
    (None, r"^--vocabulary '\S*v\.model': No such file or directory$"),
    (b'', r"v\.model': not a SentencePiece model"),
    (b'no model', r"v\.model': not a SentencePiece model"),
  ],
)
def test_a_wrong_vocabulary_is_told(corpus: str, tmp_path: Path, data, message):
  if data is not None:
    (tmp_path / 'v.model').write_bytes(data)
  with pytest.raises(UserError, match=message):
    ul2_plan(corpus, str(tmp_path / 'v.model'))


def test_a_table_that_is_not_there_is_told_once(corpus: str, vocabulary_path):
  with pytest.raises(
    UserError, match=r"^--denoisers '/no': No such file [^/]*$"
  ):
    ul2_plan(corpus, vocabulary_path, '--denoisers=/no')


def test_a_table_that_is_wrong_is_told_with_its_file(
  corpus: str, vocabulary_path: str, tmp_path: Path
):
  path = tmp_path / 'mine.toml'
  for text in ('denoisers = 3', 'not TOML', 'name = "a"', '\udcff'):
    path.write_bytes(text.encode(errors='surrogateescape'))
    with pytest.raises(UserError, match=r'mine\.toml'):
      ul2_plan(corpus, vocabulary_path, f'--denoisers={path}')


def test_block_size_is_no_part_of_the_plan(corpus: str, vocabulary_path: str):
  plan = ul2_plan(corpus, vocabulary_path)
  assert 'block_bytes' not in plan.config['source_options']
  changed = ul2_plan(corpus, vocabulary_path, '--seed=1')
  assert changed.fingerprint != plan.fingerprint


def test_the_choice_on_overflow_replaces_the_tables(
  corpus: str, vocabulary_path: str
):
  for choice in ('shorten', 'merge'):
    plan = ul2_plan(
      corpus,
      vocabulary_path,
      '--extra_ids=5',
      f'--on_sentinel_overflow={choice}',
    )
    assert plan.config['denoisers'].count('on_sentinel_overflow') == 1
    assert f'on_sentinel_overflow = "{choice}"' in plan.config['denoisers']


def test_join_documents_replaces_the_tables(corpus: str, vocabulary_path: str):
  def join(*flags: str) -> int:
    table = ul2_plan(corpus, vocabulary_path, *flags).config['denoisers']
    return denoising.parse_table(table, 'the plan').join_documents

  assert join() == join('--preset=ul2') == join('--preset=causal_lm') == 128
  assert join('--preset=prefix_lm') == 0
  assert join('--join_documents=0') == 0
  flags = ('--preset=prefix_lm', '--join_documents=7')
  assert join(*flags, '--on_sentinel_overflow=merge') == 7
  with pytest.raises(UserError, match='join_documents'):
    join('--join_documents=-1')
