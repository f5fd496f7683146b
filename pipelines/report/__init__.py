"""One HTML page that shows finished runs to people.

`accounts`, `lengths`, `rates`, `licences`, `coverage` and `texts` turn a
manifest and a sample of records into what is shown: plain values, no markup.
`view` gathers them for a run, and `page` writes the page, where everything
that is not ours is escaped.
"""
