"""Settings: read once from the environment, checked, and never guessed at later."""

import os
import pwd
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import ConfigurationInvalid

highest_port = 65_535
most_proxies = 9
feel_limits = {"steps": 10**8, "depth": 2_000, "string": 10**8, "items": 10**7, "input": 10**9}
"""What of FEEL may be set, as `PRATICA_FEEL_STEPS` and its like, and the most that each may be (docs/reference/feel.md)."""
_truths = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


@dataclass(frozen=True)
class Settings:
    """What this installation is: where it keeps things, which database, whether it is a demonstration.

    `feel` holds the limits of FEEL that are set otherwise than the standard. `document_limit` (one file) and `request_limit`
    (one form sent at once) are in bytes. `proxies` is how many reverse proxies stand in front. `public_url` is the address
    that links in letters begin with, `signature_roots` is a PEM file or a folder of them, `clamd` a `host:port` or the path of a
    socket. Without `database_url` an embedded PostgreSQL lives under `home`.
    """

    home: Path
    content: Path
    database_url: str | None = None
    demo: bool = False
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    document_limit: int = 20 * 1024 * 1024
    request_limit: int = 1024 * 1024 * 1024
    authority: str = "Regione Demo"
    pool_size: int = 8
    handler_attempts: int = 5
    secure_cookies: bool = False
    proxies: int = 0
    public_url: str = "http://127.0.0.1:8000"
    signature_roots: Path | None = None
    clamd: str = ""
    feel: Mapping[str, int] = field(default_factory=dict)


def content_directory() -> Path:
    """Give the folder that holds `processes/` and `forms/`: the checkout's, else the one inside the wheel."""
    here = Path(__file__).resolve().parent
    return here.parent if (here.parent / "processes").is_dir() else here / "content"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `PRATICA_*`, `DATABASE_URL` and `PORT`.

    Raises ConfigurationInvalid with the name of the variable and what was expected.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("PRATICA_HOME") or ".pratica").resolve()
    _require_own(home)
    return Settings(
        home=home,
        content=_content(env),
        database_url=env.get("DATABASE_URL") or None,
        demo=_flag(env, "PRATICA_DEMO"),
        secret_key=env.get("PRATICA_SECRET_KEY") or _kept_secret(home),
        host=env.get("HOST", "127.0.0.1"),
        port=_number(env, "PORT", 8000, highest_port),
        document_limit=_number(env, "PRATICA_DOCUMENT_LIMIT", 20 * 1024 * 1024),
        request_limit=_number(env, "PRATICA_REQUEST_LIMIT", 1024 * 1024 * 1024),
        authority=env.get("PRATICA_AUTHORITY", "Regione Demo"),
        pool_size=_number(env, "PRATICA_POOL_SIZE", 8),
        handler_attempts=_number(env, "PRATICA_HANDLER_ATTEMPTS", 5),
        secure_cookies=_flag(env, "PRATICA_SECURE_COOKIES"),
        proxies=_number(env, "PRATICA_PROXIES", 0, most_proxies, least=0),
        public_url=_address(env),
        signature_roots=_roots(env),
        clamd=_clamd(env),
        feel={
            name: _number(env, f"PRATICA_FEEL_{name.upper()}", most, most)
            for name, most in feel_limits.items()
            if f"PRATICA_FEEL_{name.upper()}" in env
        },
    )


def _content(env: Mapping[str, str]) -> Path:
    if not env.get("PRATICA_CONTENT"):
        return content_directory()
    content = Path(env["PRATICA_CONTENT"]).resolve()
    if not (content / "processes").is_dir():
        raise ConfigurationInvalid(
            f"Expected PRATICA_CONTENT to be a folder with `processes`, but {content} is none."
        )
    return content


def _address(env: Mapping[str, str]) -> str:
    address = (
        env.get("PRATICA_PUBLIC_URL") or f"http://{env.get('HOST', '127.0.0.1')}:{env.get('PORT', '8000')}"
    )
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        raise ConfigurationInvalid(
            f"Expected PRATICA_PUBLIC_URL to be an address such as https://pratica.example.it, but it is {address!r:.80}."
        )
    return address.rstrip("/")


def _roots(env: Mapping[str, str]) -> Path | None:
    if not env.get("PRATICA_SIGNATURE_ROOTS"):
        return None
    roots = Path(env["PRATICA_SIGNATURE_ROOTS"]).resolve()
    if not roots.exists():
        raise ConfigurationInvalid(
            f"Expected PRATICA_SIGNATURE_ROOTS to be a folder or file of certificates, but there is no {roots}."
        )
    return roots


def _clamd(env: Mapping[str, str]) -> str:
    """Read `host:port` or the absolute path of a socket."""
    text = env.get("PRATICA_CLAMD", "").strip()
    host, _, port = text.rpartition(":")
    if (
        text
        and not text.startswith("/")
        and not (host and port.isdecimal() and 0 < int(port) <= highest_port)
    ):
        raise ConfigurationInvalid(
            f"Expected PRATICA_CLAMD to be host:port or the path of a socket, but it is {text!r:.80}."
        )
    return text


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").lower()
    if value not in _truths:
        raise ConfigurationInvalid(f"Expected {name} to be 1 or 0, but it is {value!r}.")
    return _truths[value]


def _number(env: Mapping[str, str], name: str, default: int, most: int = 2**31, *, least: int = 1) -> int:
    value = env.get(name, str(default))
    if not value.isdecimal() or len(value) > len(str(most)) or not least <= int(value) <= most:
        raise ConfigurationInvalid(
            f"Expected {name} to be a whole number from {least} to {most}, but it is {value!r:.40}."
        )
    return int(value)


def _require_own(home: Path) -> None:
    """Refuse to work as root in another user's home: they could not read what root writes there."""
    if os.geteuid() != 0 or not home.exists() or home.stat().st_uid == 0:
        return
    uid = home.stat().st_uid
    raise ConfigurationInvalid(
        f"Expected to run as user {_name(uid)}, whose home {home} is, but this is root, whose files they could not read."
        f" Run it as them (sudo -u {_name(uid)}), or set PRATICA_HOME to a folder of root's."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _kept_secret(home: Path) -> str:
    """Give the secret that signs sessions; made at first use and kept in `home`, readable by its owner only.

    Raises ConfigurationInvalid where `home` cannot be made, read or written, or what it keeps is no secret.
    """
    path = home / "secret_key"
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        secret = ""
    except OSError as refused:
        raise ConfigurationInvalid(
            f"Expected PRATICA_HOME to be a folder that can be read and written, but {refused.filename or home} is not: {refused.strerror}."
        ) from refused
    if not secret:
        raise ConfigurationInvalid(
            f"Expected {path} to hold the secret that signs sessions, but it is empty or no text."
            " Remove it: a new one is made, and everybody logs in again."
        )
    return secret


def _make_secret(path: Path) -> None:
    """Make the secret complete under another name first: a kill leaves none, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(prefix=".secret_key-", dir=path.parent)
    try:
        with os.fdopen(number, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):  # another process was quicker: its secret is the one
            os.link(name, path)
    finally:
        Path(name).unlink()
