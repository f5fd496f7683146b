"""What `tasks.register` is made of; with it, all here that imports seqio."""
