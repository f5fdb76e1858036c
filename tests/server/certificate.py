"""A certificate for the server of a test."""

import os
import subprocess

from harness import DOMAIN


def certificate(folder):
    """The server's arguments, with a new certificate and its key in the folder."""
    files = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        + ["-subj", f"/CN={DOMAIN}", "-out", files[0], "-keyout", files[1]],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return ("--cert", files[0], "--key", files[1])
