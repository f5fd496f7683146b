"""The examples of docs/own_tasks.md do what it says, from files to seqio."""

import io
import json
from pathlib import Path
import re
import shlex
import shutil

import pytest
import seqio
from support.house.modules import ROOT

from ul2_flan.pipelines import __main__ as commands
from ul2_flan.pipelines import own
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.records import decode_example, read_records
from ul2_flan.tasks.register import register

PAGE = (ROOT / 'docs' / 'own_tasks.md').read_text()
CHAT, *_ = re.findall(r'```json\n(.*?)```', PAGE, re.S)
CATALOG, PROMPTED = re.findall(r'```toml\n(.*?)```', PAGE, re.S)
(TEMPLATES,) = re.findall(r'```yaml\n(.*?)```', PAGE, re.S)
(TICKETS,) = re.findall(r'```csv\n(.*?)```', PAGE, re.S)
ONE, SEVERAL, FILLED = (
  [shlex.split(line)[1:] for line in block.splitlines()]
  for block in re.findall(r'```sh\n(.*?)```', PAGE, re.S)
)
# So that a sequence holds a few examples, and the vocabulary is a small one.
SHORT = ['--inputs_length=64', '--targets_length=32']


@pytest.fixture
def _here(tmp_path, monkeypatch, vocabulary_path):
  """A folder with the files that the page names."""
  monkeypatch.chdir(tmp_path)
  shutil.copy(vocabulary_path, 'spiece.model')
  chats = [CHAT.replace('Cairo', f'town {i}') for i in range(100)]
  Path('chats.jsonl').write_text(''.join(chats))
  teams = ('billing', 'travel', 'other')
  rows = (
    f'Ticket {i},It is about {i} again.,{teams[i % 3]}' for i in range(60)
  )
  Path('tickets.csv').write_text(TICKETS + '\n'.join(rows) + '\n')
  Path('desk.toml').write_text(CATALOG)
  Path('help.toml').write_text(PROMPTED)
  Path('templates.yaml').write_text(TEMPLATES)


@pytest.mark.usefixtures('_here')
def test_a_file_of_chats_is_a_registered_packed_mixture(capsys):
  (command,) = ONE
  assert commands.main([*command, *SHORT]) == 0
  manifest = manifest_of('out/mixture')
  assert manifest.is_packed
  assert re.search(r'instances, .* 100\n', capsys.readouterr().out)
  names = register('out/mixture')
  assert names == ['mine_packed']
  lengths = {
    f'{side}{more}': length
    for side, length in (('inputs', 64), ('targets', 32))
    for more in ('', '_positions', '_segment_ids')
  }
  split = seqio.get_mixture_or_task('mine_packed').get_dataset(
    lengths, 'train', use_cached=True
  )
  # seqio shuffles them as it likes; the last may hold one example.
  segments = [e['inputs_segment_ids'].max() for e in split.as_numpy_iterator()]
  assert max(segments) > 1
  # It goes on where it stopped, and here nothing is left to do.
  before = Path('out/mixture/manifest.json').stat().st_mtime_ns
  assert commands.main([*command, *SHORT]) == 0
  assert Path('out/mixture/manifest.json').stat().st_mtime_ns == before


@pytest.mark.usefixtures('_here')
def test_a_catalog_of_ones_own_is_shown_run_and_mixed(capsys):
  show, flan, mix = SEVERAL
  assert commands.main(show) == 0
  assert 'My invoice lacks a number.' in capsys.readouterr().out
  assert commands.main([*flan, *SHORT]) == 0
  run = manifest_of('out/desk')
  assert run.run['evaluation']['flan:desk:team:zs_opt'] == (
    'accuracy:billing|travel|other'
  )
  assert {name.split(':')[2] for name in run.data_sets} == {'team', 'subject'}
  # A worker needs no file: the plan has them.
  assert run.run['config']['catalog'] == {'desk.toml': CATALOG}
  Path('desk.toml').unlink()
  assert commands.main(mix) == 0
  members = manifest_of('out/mixed').run['config']['members']['train']
  assert {name.split(':')[2] for name in members} == {'team', 'subject'}


@pytest.mark.usefixtures('_here')
def test_templates_of_promptsource_are_filled(tmp_path):
  (command,) = FILLED
  names = {'tickets_which_team', 'tickets_write_a_subject'}
  given = [*command, '--keep_text', '--settings=zs_opt']
  given += ['--local_workers=1', '--validation_fraction=0']
  assert commands.main(given) == 0
  run = manifest_of('out/help')
  assert {name.split(':')[2] for name in run.data_sets} == names
  # A worker needs no file: the plan has them.
  assert set(run.run['config']['catalog']) == {'help.toml', 'templates.yaml'}
  texts = {
    name: [
      (e['inputs_pretokenized'][0].decode(), e['targets_pretokenized'][0])
      for file in sorted(tmp_path.glob(f'out/help/**/{name}/**/train*'))
      for e in map(
        decode_example, read_records(io.BytesIO(file.read_bytes()), str(file))
      )
    ]
    for name in names
  }
  asked = 'Which team should answer this?\nTicket 1: It is about 1 again.'
  assert (asked, b'travel') in texts['tickets_which_team']
  assert len(texts['tickets_which_team']) == 61
  asked = 'Give this a subject: It is about 1 again.'
  assert (asked, b'Ticket 1') in texts['tickets_write_a_subject']


@pytest.mark.usefixtures('_here')
@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    (['--source=mine=chats.jsonl'], "suite of --source 'mine'.*give --format"),
    (
      ['--source=niv2=.', '--format=chat'],
      'here it is for one suite, of your own',
    ),
    (['--source=mine=desk.toml', '--format=chat'], 'no file of chat rows'),
    (
      [
        *('--source=mine=chats.jsonl', '--format=chat'),
        *('--decoder_only', '--pack=enc_dec'),
      ],
      'Give --pack prefix_lm or lm',
    ),
  ],
)
def test_mistakes_are_told(flags, message):
  with pytest.raises(UserError, match=message):
    own.main(['--vocabulary=spiece.model', '--output=out', *flags])


@pytest.mark.usefixtures('_here')
def test_a_named_task_is_one_of_the_files(tmp_path):
  flags = ['flan', '--source=mine=.', '--format=chat', '--output=o']
  flags += ['--vocabulary=spiece.model', *SHORT, '--plan_only', '--json']
  with pytest.raises(UserError, match=r"task 'mine:chat'.*'mine:chats'"):
    commands.main([*flags, '--tasks=mine:chat'])


@pytest.mark.usefixtures('_here')
def test_rows_of_another_form_are_told_of(capsys):
  Path('chats.jsonl').write_text(json.dumps({'prompt': 'a'}))
  assert own.main([*ONE[0][1:], *SHORT]) == 1
  assert 'mine:chats: 1 no_messages of 1 rows' in capsys.readouterr().err
  assert not Path('out/mixture').exists()
