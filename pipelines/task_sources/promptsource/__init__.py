"""Makes P3's rows anew, from raw rows and promptsource's templates.

`templates` reads promptsource's files and finds the template of a subset of P3;
`find_raw_rows` finds the data set that the template is for; `fill_templates`
reads its rows and fills each into the template; `prompt` renders a single one,
in the sandbox of `bounded`, whose bound `weigh` counts.
"""
