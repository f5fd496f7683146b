"""Marks of options, and the answers that match them."""

import pytest

from ul2_flan.tasks.rendering.styles.item_style import ItemStyle
from ul2_flan.tasks.rendering.styles.option_styles import styles

STYLES = list(dict.fromkeys(styles().items))


@pytest.mark.parametrize('style', STYLES)
def test_marks_differ_if_there_are_any(style: ItemStyle) -> None:
  assert (len(set(style.before)) == len(style.before)) == style.marked
  assert len(style.before) == len(style.answers) >= 20
  # Without a mark, only its own text tells an option from the others.
  assert style.marked or style.text_in_answer


def test_letters_end() -> None:
  style = ItemStyle.of('({a}) {text}', '({a})')
  assert len(style.before) == 26
  assert style.before[-1] == '(z) '


@pytest.mark.parametrize('style', STYLES)
def test_marks_are_what_options_do_not_bring(style: ItemStyle) -> None:
  listed = ('x', 'x', 'x')
  answer = style.answers[2] + 'x' * style.text_in_answer
  shown = f'{style.show(listed)} {answer}'
  assert style.marks(3).split() == shown.replace('x', '').split()
