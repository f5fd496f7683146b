"""Errors of HTTP say what to do, and show neither address nor password."""

import pytest
from support.buckets.hub import Hub

from ul2_flan.tasks.buckets import web


def test_an_error_says_when_to_come_back_and_not_where_it_was():
  with Hub({}).served() as hub:
    hub.faults = [(429, '12'), (403, '')]
    with pytest.raises(web.WebError, match='answered 429: too many') as e:
      web.call('GET', f'{hub.url}/a?signature=secret', {})
    assert e.value.retry_after == 12
    found = web.fault(e.value)
    assert found
    assert found.is_transient
    assert 'secret' not in str(e.value)
    with pytest.raises(web.WebError, match='accept its terms') as e:
      web.call('GET', f'{hub.url}/a', {})
    found = web.fault(e.value)
    assert found
    assert not found.is_transient
    url = hub.url
  with pytest.raises(web.WebError, match='ConnectionError at') as e:
    web.call('GET', f'{url}/a?signature=secret', {})
  assert 'secret' not in str(e.value)
  assert web.fault(ValueError()) is None
