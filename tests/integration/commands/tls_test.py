"""A channel with TLS, and one that demands a certificate of its senders."""
import os
import shutil
import ssl
import subprocess
import unittest

from command_line import Site, eventually, free_port, message
from commands.running import EngineCase, to
from mllp_peers import Client, Receiver, msa

PASSPHRASE = "canary-4cd1f5e0"
ENGINE_USER = "causeway"  # as root, the engine becomes it


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Certificates:
    """An authority, and what it has signed, in `folder`: NAME.pem and NAME.key."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=Test authority", "-keyout",
                folder / "authority.key", "-out", folder / "authority.pem")
        for name in ("localhost", "adt.hospital.test"):
            self.sign(name)
        if os.geteuid() == 0:
            for key in folder.glob("*.key"):
                shutil.chown(key, ENGINE_USER)

    def sign(self, name):
        request, extra = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extra.write_text(f"subjectAltName=DNS:{name}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={name}", "-keyout", self.key(name), "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.of("authority"), "-CAkey",
                self.key("authority"), "-CAcreateserial", "-days", "2", "-extfile", extra,
                "-out", self.of(name))

    def of(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def client(self, name=None):
        context = ssl.create_default_context(cafile=self.of("authority"))
        if name:
            context.load_cert_chain(self.of(name), self.key(name))
        return context


@unittest.skipUnless(shutil.which("openssl"), "the openssl tool is not installed")
class Tls(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()  # as root, that engine has made the user to whom the keys will belong
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.site = Site(cls.build, "tls")
        cls.addClassCleanup(cls.site.remove)
        cls.certificates = Certificates(cls.site.folder / "certificates")
        cls.ports = {}
        server = {"certificate_file": str(cls.certificates.of("localhost")),
                  "key_file": str(cls.certificates.key("localhost"))}
        cls.add("tls", server)
        cls.add("mutual", {**server, "verify_peer": True,
                           "ca_file": str(cls.certificates.of("authority"))})
        cls.add_encrypted_keys(server["certificate_file"])
        cls.site.start()
        cls.site.wait_ready(1)

    @classmethod
    def add_encrypted_keys(cls, certificate):
        key = cls.certificates.folder / "encrypted.key"
        openssl("pkey", "-in", cls.certificates.key("localhost"), "-aes256", "-passout",
                f"pass:{PASSPHRASE}", "-out", key)
        if os.geteuid() == 0:
            shutil.chown(key, ENGINE_USER)
        server = {"certificate_file": certificate, "key_file": str(key)}
        done = cls.site.run("secret", "set", "tls_key", "--data", cls.site.data,
                            stdin=PASSPHRASE.encode() + b"\n")
        assert done.code == 0, done
        cls.add("sealed", {**server, "key_passphrase": "secret:tls_key"})
        cls.add("forgotten", {**server, "key_passphrase": "secret:tls_kee"})

    @classmethod
    def add(cls, path, tls):
        cls.ports[path] = free_port()
        cls.site.add_channel(path, {
            "source": {"type": "mllp", "port": cls.ports[path], "tls": tls},
            "search": ["MSH-10"], "destinations": {"out": to(cls.receiver.port)}})

    def ask(self, path, control_id, context):
        with Client(self.ports[path], context) as client:
            return msa(client.ask(message(control_id)))[:2]

    def test_encrypted(self):
        answer = self.ask("tls", "TLS1", self.certificates.client())
        self.assertEqual(answer, ("AA", b"TLS1"))
        eventually(lambda: message("TLS1") in self.receiver.received, 20, "it is sent on")

    def test_a_key_whose_passphrase_is_a_secret(self):
        answer = self.ask("sealed", "TLS6", self.certificates.client())
        self.assertEqual(answer, ("AA", b"TLS6"))

    def test_a_secret_that_is_not_there(self):
        self.assertIn("there is no such secret here; causeway secret set tls_kee",
                      self.site.log_text())

    def test_secrets_are_listed_without_their_values(self):
        done = self.site.run("secret", "list", "--data", self.site.data)
        self.assertRegex(done.out, r"^tls_key +\d{4}-\d\d-\d\d ")
        self.assertNotIn(PASSPHRASE, done.out + done.err)

    def test_a_secret_is_found_nowhere(self):
        files = [path for path in self.site.folder.rglob("*") if path.is_file()]
        self.assertIn("secrets.sealed", [path.name for path in files])
        for path in files:
            self.assertNotIn(PASSPHRASE.encode(), path.read_bytes(), path)

    def test_wrong_use_of_secret(self):
        for words in (["set"], ["set", "a", PASSPHRASE], ["show", "tls_key"], []):
            done = self.site.run("secret", *words, "--data", self.site.data)
            self.assertEqual(done.code, 2)
            self.assertNotIn(PASSPHRASE, done.out + done.err)
        for name, value in (("a b", b"x"), ("empty", b"\n")):
            self.assertEqual(self.site.run("secret", "set", name, "--data", self.site.data,
                                           stdin=value).code, 1)

    def test_a_plain_sender_gets_nothing(self):
        with self.assertRaises(OSError):
            self.ask("tls", "TLS2", None)
        self.assertEqual(self.site.find("--term", "MSH-10=TLS2"), [])

    def test_mutual(self):
        answer = self.ask("mutual", "TLS3", self.certificates.client("adt.hospital.test"))
        self.assertEqual(answer, ("AA", b"TLS3"))
        found = self.site.find_settled(1, "--term", "MSH-10=TLS3")[0]
        self.assertEqual(found["peer"], "adt.hospital.test")

    def test_without_a_certificate_nothing_comes_in(self):
        with self.assertRaises(OSError):
            self.ask("mutual", "TLS4", self.certificates.client())
        self.assertEqual(self.site.find("--term", "MSH-10=TLS4"), [])

    def test_another_authoritys_certificate_is_refused(self):
        strangers = Certificates(self.site.folder / "strangers")
        context = self.certificates.client()
        context.load_cert_chain(strangers.of("adt.hospital.test"),
                                strangers.key("adt.hospital.test"))
        with self.assertRaises(OSError):
            self.ask("mutual", "TLS5", context)
