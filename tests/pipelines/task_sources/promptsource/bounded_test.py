"""No template takes much work or memory for a row, or shows an address."""

import jinja2
import pytest

from ul2_flan.pipelines.task_sources.promptsource import prompt, weigh
from ul2_flan.pipelines.task_sources.promptsource.weigh import OverBoundError

DOUBLING = (
  '{%% set n = namespace(x=%s) %%}{%% for i in range(60) %%}'
  '{%% set n.x = %s %%}{%% endfor %%}{{ n.x }}'
)
RANGE = 'range(99999)'
FOR, END = f'{{% for i in {RANGE} %}}', '{% endfor %}'


def rendered(template: str, **row) -> str:
  compiled = prompt.environment().compiled(template)
  with weigh.bounded():
    return compiled.render(row)


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
  """A tenth of the bound, since what is over it takes a second to reach it."""
  monkeypatch.setattr(weigh, 'MOST_UNITS', weigh.MOST_UNITS // 10)


@pytest.mark.usefixtures('tight')
@pytest.mark.parametrize(
  'template',
  [
    f'{FOR}{FOR}{END}{END}',
    f'{FOR}{"text" * 999}{END}',
    f'{FOR}{{% if 7 in {RANGE} | list %}}{{% endif %}}{END}',
    f'{FOR}{{% set a = (text ~ text)[1:] %}}{END}',
    f'{{% for i in [1] recursive %}}{{{{ loop({RANGE}) }}}}{{% endfor %}}',
    f'{{{{ dict.fromkeys({RANGE}, text).values() }}}}',
    "{{ 'x' * (10 ** 10) }}",
    '{{ [1] * (10 ** 10) }}',
    '{{ (10 ** 10) * [1] }}',
    '{{ 10 ** (10 ** 10) }}',
    '{{ 2 ** 4000 * 2 ** 4000 + 1 }}',
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (10 ** 9, 1) }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{} }'.format(1, 10 ** 9) }}",
    "{{ '{a:{b} }'.format_map({'a': 1, 'b': 10 ** 9}) }}",
    "{{ 1.5 | round(10 ** 9999, 'ceil') }}",
    "{{ 1.5 | round(precision=100000, method='ceil') }}",
    "{{ text | replace('', text) }}",
    "{{ text.replace('', text) }}",
    "{{ 'x' | truncate(5, true, text * 9999) }}",
    f'{{{{ {RANGE} | join(text) }}}}',
    f'{{{{ text.join({RANGE} | map("string")) }}}}',
    '{% set x = [1] %}{% for i in x %}{% set _ = x.append(i) %}{% endfor %}',
    '{% set x = [] %}{% set _ = x.append(x) %}{{ x }}',
    *(
      DOUBLING % pair
      for pair in (
        ("'ab'", 'n.x ~ n.x'),
        ("'ab'", 'n.x + n.x'),
        ("'ab'", "n.x.replace('a', n.x)"),
        ("'ab'", "n.x | replace('a', n.x)"),
        ("'ab'", 'n.x.join([n.x, n.x, n.x])'),
        ("'ab'", '[n.x, n.x] | join(n.x)'),
        ("'ab'", "'%s%s' % (n.x, n.x)"),
        ("'ab'", "'{} {}'.format(n.x, n.x)"),
        ('[1]', '[n.x, n.x]'),
        ('[1]', '(n.x, n.x)'),
        ('[1]', "{'a': n.x, 'b': n.x}"),
        ('[1]', 'n.x + n.x'),
        ('7', 'n.x * n.x'),
      )
    ),
  ],
)
def test_what_takes_too_much_is_stopped_before_it_is_done(template: str):
  with pytest.raises(OverBoundError):
    rendered(template, text='a' * 10_000)


@pytest.mark.parametrize(
  'shown',
  [
    'zip([1], [2])',
    '[zip([1], [2])]',
    "{'a': zip()} | string | upper",
    "'a' ~ zip()",
    "'%s' % [zip()]",
    "'{}'.format(zip())",
    "'%s' | format(zip())",
    '[zip()] | join',
    "[[1]] | map('select') | join",
    "', '.join([zip()])",
    'text.upper',
    'range',
    'self',
    'namespace(a=zip())',
    "[1] | map('string')",
  ],
)
def test_no_address_of_an_object_is_shown(shown: str):
  with pytest.raises(jinja2.exceptions.SecurityError, match='by its address'):
    rendered(f'{{{{ {shown} }}}}', text='a')


@pytest.mark.parametrize(
  'unknown',
  [
    "{{ 'x' | center(10 ** 9) }}",
    "{{ 'x' | indent(10 ** 9) }}",
    "{{ ['x'] | map('center', 10 ** 9) | list }}",
    '{% filter center(10 ** 9) %}x{% endfilter %}',
    "{{ 'x'.center(10 ** 9) }}",
    "{{ 'x'.zfill(10 ** 9) }}",
    "{{ 'x'.translate({120: 'x' * 9999}) }}",
    "{{ (1).to_bytes(10 ** 9, 'big') }}",
  ],
)
def test_only_known_filters_and_methods_are_there(unknown: str):
  with pytest.raises((jinja2.exceptions.SecurityError, jinja2.TemplateError)):
    rendered(unknown)


@pytest.mark.parametrize(
  ('template', 'expected'),
  [
    (
      '{% for x in [1, 2] %}{{ loop.length }}{{ loop.last }} {% endfor %}',
      '2False 2True ',
    ),
    ('{% for x in a if x > 1 %}{{ loop.revindex }}{{ x }}{% endfor %}', '12'),
    ('{% for x in [] %}{{ x }}{% else %}-{% endfor %}', '-'),
    ('{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}', 'x1'),
    ("{{ '%05.1f' % 2.25 }} {{ '{:>4}'.format('a') }}", '002.2    a'),
    (
      "{{ a | map('string') | join(', ') }} {{ a[::-1] }} {{ 7 in a }}",
      '1, 2 [2, 1] False',
    ),
    ('{{ none }}{{ missing }}{{ d }}{{ (1, 2.5) }}', "None{'x': 1}(1, 2.5)"),
    ('{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(a | last) }}', '<2>'),
    ("{{ 'x' if missing is defined else d.get('x') }}", '1'),
  ],
)
def test_what_templates_do_is_as_in_jinja(template: str, expected: str):
  row = {'a': [1, 2], 'd': {'x': 1}}
  assert rendered(template, **row) == expected
  assert jinja2.Template(template).render(row) == expected


def test_a_row_of_a_megabyte_is_within_the_bound():
  text = 'word ' * 200_000
  shown = rendered(
    '{{ text | lower | trim }}{{ text.split() | length }}', text=text
  )
  assert shown == text.strip() + '200000'
