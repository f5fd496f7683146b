"""Cards of finished runs, for people and programs that find data by them.

`README.md` is a data set card as Hugging Face's hub reads it, and
`croissant.json` is Croissant 1.1 (mlcommons.org/croissant). They say the same:
what there is (`configs`), what it is made of (`origin`), how it was made.
Neither has a date, since the same input gives the same bytes.
"""
