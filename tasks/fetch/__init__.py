"""Gets the data of tasks: `ul2-flan tasks fetch`.

wanted       which places have the data of the tasks that are asked for
download     one file, resumed where it was cut, and checked
git_archive  the folders wanted of a git host's archive
hub_files    the files wanted of a repository of the hub
zip_files    files of zip files
url_files    files at plain URLs, and those of their archives
progress     how much has come, and the time left
lock         what was got: commits and checksums, for another machine
command      all of this, and what must be got by hand
"""
