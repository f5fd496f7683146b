"""A proxy that TensorFlow takes for Google's servers, which it finds by name.

It answers every CONNECT of HTTPS itself, under a certificate of its own, and
forwards the calls to another proxy.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.buckets.fault_proxy import Handler, Proxy

HOSTS = ('www.googleapis.com', 'storage.googleapis.com')


def write_certificate(folder: Path) -> Path:
  """Writes a key and a certificate for Google's names, for tests to trust."""
  key = ec.generate_private_key(ec.SECP256R1())
  name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'a test')])
  now = datetime.datetime.now(datetime.UTC)
  names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
  certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(1)
    .not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(names, critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    .sign(key, hashes.SHA256())
  )
  private = key.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
  )
  path = folder / 'both.pem'
  public = certificate.public_bytes(serialization.Encoding.PEM)
  path.write_bytes(private + public)
  return path


@contextlib.contextmanager
def google(proxy: Proxy, folder: Path) -> Iterator[dict[str, str]]:
  """Runs the proxy; gives the environment that leads TensorFlow there."""
  path = write_certificate(folder)
  context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  context.load_cert_chain(path)
  behind = type('Behind', (Handler,), {'proxy': proxy})

  class Connect(BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
      self.send_response_only(200)
      self.end_headers()
      with context.wrap_socket(self.connection, server_side=True) as inside:
        behind(inside, self.client_address, self.server)
      self.close_connection = True

    def log_message(self, *args: object) -> None:
      pass

  server = ThreadingHTTPServer(('127.0.0.1', 0), Connect)
  server.daemon_threads = True
  threading.Thread(target=server.serve_forever, daemon=True).start()
  yield {
    'https_proxy': f'http://127.0.0.1:{server.server_address[1]}',
    'CURL_CA_BUNDLE': str(path),
    'GOOGLE_AUTH_TOKEN_FOR_TESTING': 'none',
    'NO_GCE_CHECK': 'true',
  }
  server.shutdown()
  server.server_close()
