"""`jupyter_server` as the server, with kernels by `ipykernel`. Writes only into the directory that it is given."""

from __future__ import annotations

import json
import os
import ssl
import sys
import threading

certificate, directory, token = sys.argv[1:]
for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
    os.environ[name] = directory

from jupyter_server.serverapp import ServerApp  # noqa: E402 - reads the environment
from tornado.httpserver import HTTPServer  # noqa: E402
from tornado.netutil import bind_sockets  # noqa: E402

app = ServerApp(
    port=0,
    ip="127.0.0.1",
    root_dir=directory,
    open_browser=False,
    allow_root=True,
    log_level="ERROR",
    websocket_compression_options={},
)
app.initialize(argv=[f"--IdentityProvider.token={token}", "--KernelManager.shutdown_wait_time=1"])
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate)
secure = bind_sockets(0, "127.0.0.1")


def wait_for_the_end() -> None:
    sys.stdin.read()
    app.stop()


def begin() -> None:
    HTTPServer(app.web_app, ssl_options=tls).add_sockets(secure)
    print(json.dumps({"ws": app.port, "wss": secure[0].getsockname()[1]}), flush=True)
    threading.Thread(target=wait_for_the_end).start()


app.io_loop.add_callback(begin)
app.start()
