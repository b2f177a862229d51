#!/usr/bin/env python3
"""An FTP server as old ones are, for tests: pyftpdlib without MLSD, MLST and TLS.

Usage: plain_ftp_server.py PORT FOLDER USER PASSWORD"""
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

PORT, FOLDER, USER, PASSWORD = sys.argv[1:]


class Handler(FTPHandler):
    authorizer = DummyAuthorizer()
    proto_cmds = {name: what for name, what in FTPHandler.proto_cmds.items()
                  if name not in ("MLSD", "MLST")}


Handler.authorizer.add_user(USER, PASSWORD, FOLDER, perm="elradfmwMT")
FTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
