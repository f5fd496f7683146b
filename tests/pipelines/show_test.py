"""`show` prints a task's sheet with rows of the user's files."""

from pathlib import Path

import pytest
from support.task_files import NIV2, write_cot, write_niv2

from ul2_flan.pipelines import show
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.sheet import MARK
from ul2_flan.tasks.vocabulary import Vocabulary

TASK = f'niv2:{NIV2[0]}'


@pytest.mark.parametrize('source', ['niv2={}', '{}'])
def test_it_shows_rows_of_the_users_files(tmp_path: Path, source: str, capsys):
  path = write_niv2(tmp_path / 'niv2', NIV2[0], 30)
  flag = source.format(tmp_path)
  assert show.main([TASK, '--source', flag]) == 0
  out = capsys.readouterr().out
  assert f'with rows of {path}:' in out
  _, *settings = out.partition('with rows of ')[2].split('\n--- ')
  assert [s.split(',')[0] for s in settings] == [
    *('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt', 'zs_opt_tk')
  ]
  for setting in settings:
    assert 'Line 0: ' in setting
    assert setting.rstrip().endswith(f'\n{MARK}the river 0')
  # The exemplars are other rows, or the positive examples of NIv2.
  assert 'Now complete the following example' in settings[4]
  assert all(s.count('Line ') > 1 for s in settings[2:])
  assert all('(001)' in s for s in settings)


def test_it_shows_as_many_rows_as_wanted(tmp_path: Path, capsys):
  write_cot(tmp_path, 'gsm8k', 30)
  flags = ['cot:gsm8k', '--source', str(tmp_path), '--rows=3']
  assert show.main(flags) == 0
  out = capsys.readouterr().out
  assert out.count('\n--- zs_noopt, ') == 3
  for i in range(3):
    assert f'What is {i} and {i + 1}?' in out


def test_it_counts_unknown_tokens(tmp_path: Path, vocabulary_path: str, capsys):
  path = write_niv2(tmp_path, NIV2[0], 30)
  path.write_text(path.read_text().replace('the river 0', 'شكرا جزيلا'))
  flags = [TASK, '--source', str(tmp_path), '--vocabulary', vocabulary_path]
  assert show.main(flags) == 0
  _, _, told = capsys.readouterr().out.rpartition('\nunknown tokens')
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes())
  ids = vocabulary.encode('شكرا جزيلا')
  assert told.count(f'{ids.count(vocabulary.unk_id)} of {len(ids)}\n') == 4


@pytest.mark.parametrize(
  ('task', 'flags', 'message'),
  [
    ('niv2:nothing', (), 'unknown task'),
    (f'niv2:{NIV2[1]}', (), 'no file of a training split'),
    (f'niv2:{NIV2[2]}', (), r'gives not one row \(1 damaged_file\)'),
    (TASK, ('--rows=0',), '--rows is 0'),
    (TASK, ('--source=nowhere',), "no file below 'nowhere'"),
    (TASK, ('--templates=nowhere',), 'has no templates'),
  ],
)
def test_it_says_what_it_cannot_show(tmp_path: Path, task, flags, message):
  write_niv2(tmp_path, NIV2[0], 3)
  (tmp_path / f'{NIV2[2]}.json').write_text('{')
  with pytest.raises(UserError, match=message):
    show.main([task, '--source', f'niv2={tmp_path}', *flags])
