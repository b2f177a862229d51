"""Real servers of files, on a free port of loopback, as an unprivileged user (as root: `nobody`)."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from installation import Failure, free_port

PATIENCE_S = 30
NOBODY = 65534


def server_user():
    return pwd.getpwuid(NOBODY if os.geteuid() == 0 else os.geteuid()).pw_name


def open_to_all(folder):
    """The engine and a server are different users."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)
    return folder


def wait_until_listening(process, port):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Failure(f"{process.args[0]} does not serve")


class SshServer:
    """OpenSSH's sshd with SFTP alone, and a key that it lets in. `folder` is what it serves."""

    def __init__(self, key_owner=None):
        self.keys = Path(tempfile.mkdtemp(prefix="causeway-sshd-"))
        self.keys.chmod(0o755)
        self.folder = Path(tempfile.mkdtemp(prefix="causeway-sftp-"))
        self.folder.chmod(0o777)
        self.user, self.port = server_user(), free_port()
        self.host_key = self._key("host", server_user())
        self.key_file = self._key("client", key_owner)
        shown = subprocess.run(["ssh-keygen", "-l", "-f", self.host_key], capture_output=True,
                               text=True, check=True).stdout
        self.fingerprint = shown.split()[1]
        config = self.keys / "sshd_config"
        config.write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.host_key}\n"
            f"AuthorizedKeysFile {self.key_file}.pub\nPidFile none\nUsePAM yes\nStrictModes no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n"
            "LogLevel QUIET\nSubsystem sftp internal-sftp -u 0000\n"
            "ForceCommand internal-sftp -u 0000\n")
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} \
            if os.geteuid() == 0 else {}
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", config],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, cwd="/", **as_nobody)
        wait_until_listening(self.process, self.port)

    def _key(self, name, owner):
        path = self.keys / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path],
                       check=True)
        if owner and os.geteuid() == 0:
            shutil.chown(path, owner)
        return path

    def fields(self):
        return {"type": "sftp", "host": "127.0.0.1", "port": self.port, "user": self.user,
                "key_file": str(self.key_file), "host_key": [self.fingerprint],
                "folder": str(self.folder)}

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.keys, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
