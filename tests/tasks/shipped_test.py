"""Files that come with `tasks` are read anew each time."""

from ul2_flan.tasks import shipped

LAYOUTS = 'rendering/styles/layouts.toml'


def test_who_changes_what_was_read_changes_no_style() -> None:
  first = shipped.table(LAYOUTS)
  again = shipped.table(LAYOUTS)
  assert first == again
  first['layouts'].clear()
  assert shipped.table(LAYOUTS) == again


def test_names_are_those_of_the_toml_files_alone() -> None:
  assert 'suites' in shipped.names('catalog')
  assert not [name for name in shipped.names('catalog') if '.' in name]
