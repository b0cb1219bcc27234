"""A back end as people write them: it connects with TLS, asks for
notifications, prints each line, and sends what it reads on its standard input.

    python3 client.py HOST PORT CERTIFICATES.pem "group=…&password=…&type=…"

Without a file, "", it trusts whom the system trusts.
"""

import os
import socket
import ssl
import sys
import threading

host, port, trusted, hello = sys.argv[1:]
context = ssl.create_default_context(cafile=trusted or None)
context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
try:
    connection = context.wrap_socket(socket.create_connection((host, int(port)), 60), server_hostname="localhost")
except ssl.SSLCertVerificationError as error:
    print("untrusted:", error.verify_message, flush=True)
    sys.exit(1)
connection.settimeout(None)


def send():
    for line in sys.stdin:
        connection.sendall(line.encode("utf-8"))


connection.sendall(hello.encode("utf-8") + b"\n")
threading.Thread(target=send, daemon=True).start()
with connection.makefile("r", encoding="utf-8", newline="\n") as lines:
    for line in lines:
        print(line.rstrip("\r\n"), flush=True)
os._exit(0)  # the other thread waits for its standard input
