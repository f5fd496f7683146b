"""Tasks of a place are fetched together, and only their files."""

from ul2_flan.tasks import catalog
from ul2_flan.tasks.fetch.wanted import places_of


def test_tasks_of_a_suite_have_one_place():
  (niv2,) = places_of(catalog.tasks(suite='niv2'))
  assert (niv2.how, niv2.name) == ('git', 'allenai/natural-instructions')
  assert len(niv2.tasks) == 1556
  # Both spellings of a name.
  assert 'tasks/task1530_scitail1.json' in niv2.files
  assert niv2.wants('tasks/task1530_scitail1.1_sentence_generation.json')
  assert niv2.wants('tasks/task001_quoref_question_generation.json.gz')
  assert not niv2.wants('tasks/README.md')
  assert not niv2.wants('tasks/task001_quoref_question_generation.jsonl')


def test_files_of_a_folder_are_wanted():
  task = next(iter(catalog.tasks(suite='t0_sf')))
  (p3,) = places_of([task])
  assert p3.wants(f'{p3.files[0]}/train.tfrecord-00000-of-00001')
  assert not p3.wants(f'{p3.files[0]}_more/train.tfrecord-00000-of-00001')


def test_what_no_program_can_get_has_no_place():
  names = ('flan2021:newsroom', 'flan2021:aeslc')
  assert places_of(map(catalog.load, names)) == []
  (cot,) = places_of(catalog.tasks(suite='cot'))
  assert len(cot.files) == 9
  assert cot.revision == 'e9e4ec6'


def test_files_at_a_url_are_fetched_once_for_all_their_tasks():
  names = ('flan2021:mnli_matched', 'flan2021:mnli_mismatched', 'flan2021:snli')
  mnli, snli = places_of(map(catalog.load, names))
  assert [one.file for one in mnli.downloads] == [mnli.name]
  assert len(mnli.tasks) == 2
  assert mnli.wants('MNLI/train.tsv')
  assert not mnli.wants('MNLI/original/x.txt')
  assert snli.wants('snli_1.0/snli_1.0_train.jsonl')
  assert not snli.wants('snli_1.0/snli_1.0_train.txt')
