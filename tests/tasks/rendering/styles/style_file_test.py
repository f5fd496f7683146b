"""Styles are read anew each time."""

from ul2_flan.tasks.rendering.styles.style_file import read_styles


def test_who_changes_what_was_read_changes_no_style() -> None:
  first = read_styles('layouts.toml')
  again = read_styles('layouts.toml')
  assert first == again
  first['layouts'].clear()
  assert read_styles('layouts.toml') == again
