"""Joins the jars of a program into one that `java -jar` runs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
import re
import zipfile

_MANIFEST = 'META-INF/MANIFEST.MF'
_SERVICES = 'META-INF/services/'
_SIGNATURE = re.compile(r'META-INF/[^/]*\.(SF|RSA|DSA|EC)', re.IGNORECASE)


def join(
  jars: Iterable[Path], joined: Path, attributes: Mapping[str, str]
) -> None:
  """Writes the files of some jars into one.

  As in a class path, the first of several files with one name counts. Lists of
  services, which Java reads from all jars, are put together. Signatures stay
  out, since they are of the single jars.

  Args:
    jars: the jars, in the order of a class path.
    joined: the jar to write.
    attributes: of its manifest, such as 'Main-Class'.
  """
  seen: set[str] = set()
  services: dict[str, list[str]] = {}
  # To compress it takes longer than to copy it to all machines of a cluster.
  with zipfile.ZipFile(joined, 'w', zipfile.ZIP_STORED) as out:
    out.writestr(_MANIFEST, _manifest(attributes))
    for jar in jars:
      with zipfile.ZipFile(jar) as source:
        for name in _wanted(source):
          if name.startswith(_SERVICES) and not name.endswith('/'):
            services.setdefault(name, []).append(source.read(name).decode())
          elif name not in seen:
            seen.add(name)
            out.writestr(name, source.read(name))
    for name, texts in services.items():
      out.writestr(name, '\n'.join(texts))


def _wanted(jar: zipfile.ZipFile) -> Iterator[str]:
  for name in jar.namelist():
    # Entries of folders too: some programs ask for a folder.
    if name != _MANIFEST and not _SIGNATURE.fullmatch(name):
      yield name


def _manifest(attributes: Mapping[str, str]) -> str:
  """Writes a manifest, whose lines have at most 72 bytes.

  >>> print(_manifest({'Main-Class': 'some.Class'}).strip())
  Manifest-Version: 1.0
  Main-Class: some.Class
  """
  lines = []
  for name, value in {'Manifest-Version': '1.0', **attributes}.items():
    line = f'{name}: {value}'
    lines.append(line[:72])
    # A line that goes on begins with a space.
    lines += [f' {line[i : i + 71]}' for i in range(72, len(line), 71)]
  return '\n'.join((*lines, '', ''))
