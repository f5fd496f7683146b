"""Licences and languages of what data are made of."""

from ul2_flan.pipelines.launch.cards.origin import Origin

SOME = Origin.of([('MIT', 'b'), ('', 'text'), ('MIT', 'a')], ['fi', 'en', 'fi'])


def test_the_unknown_come_first_and_all_is_sorted():
  assert list(SOME.licences) == ['', 'MIT']
  assert SOME.licences['MIT'] == ('a', 'b')
  assert SOME.languages == ('en', 'fi')


def test_a_manifest_says_it_or_is_older():
  raw = {'licences': {'': ['text'], 'MIT': ['a', 'b']}}
  run = {'origin': {**raw, 'languages': ['en', 'fi']}}
  assert Origin.parse(run, 'x') == SOME
  assert Origin.parse({}, 'x') == Origin.of([('', 'x')])


def test_what_a_run_leaves_out_is_not_in_it():
  assert SOME.without({'text', 'b'}).licences == {'MIT': ('a',)}


def test_the_hub_has_names_of_its_own():
  licences = ['CC-BY-4.0', 'CC0-1.0', "MIT; SNLI's text: CC-BY-SA-4.0", 'mine']
  origin = Origin.of([(licence, 'x') for licence in licences])
  assert origin.hub_licences == ['cc-by-4.0', 'cc0-1.0', 'other']
