"""A real keyring for a home: GNOME's Secret Service on a D-Bus of its own, unlocked, locked or stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from tests.sign_in.people import wait_until

if TYPE_CHECKING:
    import contextlib
    from pathlib import Path

    from tests.conftest import Home

PASSWORD = "a password of the desktop"
SETTINGS = 'storage = "keyring"\n'
NAME = "org.freedesktop.secrets"


class Keyring:
    """The keyring of whoever has `home`: what it keeps is below that, as on a desktop."""

    def __init__(self, home: Home) -> None:
        folder = home.path / "desktop"
        folder.mkdir(mode=0o700)
        env = {"HOME": str(home.path), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(folder)}
        words = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--nopidfile", "--nosyslog"]  # fmt: skip
        bus = _started(words, env, home.closing, stdout=subprocess.PIPE)
        assert bus.stdout
        self.address = bus.stdout.readline().decode().strip()
        env |= {"DBUS_SESSION_BUS_ADDRESS": self.address}
        words = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", f"--control-directory={folder}"]  # fmt: skip
        self.daemon = _started(words, env, home.closing, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        assert self.daemon.stdin
        self.daemon.stdin.write(PASSWORD.encode())
        self.daemon.stdin.close()
        wait_until(lambda: self._bus("NameHasOwner", "s", (NAME,)), 60)
        home.env["DBUS_SESSION_BUS_ADDRESS"] = self.address

    def items(self) -> dict[str, bytes]:
        """Return what ssoenv keeps there: secrets by their user names."""
        import secretstorage

        with self._connected() as bus:
            found = secretstorage.search_items(bus, {"service": "ssoenv"})
            return {one.get_attributes()["username"]: one.get_secret() for one in found}

    def lock(self) -> None:
        """Lock it, as a desktop does when its person leaves; nobody is there to unlock it."""
        import secretstorage

        with self._connected() as bus:
            secretstorage.get_default_collection(bus).lock()

    def stop(self) -> None:
        """Have it take every question, and answer none."""
        self.daemon.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it answer again."""
        self.daemon.send_signal(signal.SIGCONT)

    def _bus(self, method: str, signature: str, body: tuple[Any, ...]) -> Any:
        from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]

        address = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")  # fmt: skip
        with self._connected() as bus:
            reply = bus.send_and_get_reply(new_method_call(address, method, signature, body))
            return reply.body[0]

    def _connected(self) -> Any:
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

        return open_dbus_connection(self.address)


def choose(home: Home, text: str = SETTINGS) -> None:
    """Write the settings of `home`."""
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def holding(top: Path, secrets: set[str]) -> list[str]:
    """Return each file below `top` in which one of the `secrets` is, however it is encoded there."""
    needles = [secret.encode() for secret in secrets]
    found = (path for path in top.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path) for path in found if any(one in path.read_bytes() for one in needles)]


def _started(
    words: list[str], env: dict[str, str], closing: contextlib.ExitStack, **streams: Any
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(words, env=env, start_new_session=True, **streams)
    closing.enter_context(process)
    closing.callback(process.kill)
    return process
