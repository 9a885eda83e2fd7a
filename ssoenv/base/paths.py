"""Where everything lies: functions from an environment mapping to absolute paths; no I/O.

AWS files are where the AWS CLI v2 and botocore look (``botocore/configprovider.py``); ours follow
the XDG base directory specification, which says that a relative value is to be ignored.

The state folder:

    trust/DIR/@toml            the exact bytes trusted for DIR
    trust/DIR/@sh, @fish       the binding, rendered for the shells, with the bytes that it is of
    trust/DIR/@choice          the profile that ``ssoenv use --save`` chose there
    trust/DIR/@taken           the roles that shells took there with ``ssoenv use``, by their keys
    trust/DIR/@<generation>    there while that rendering is the current one
    agents/roles/, cache/      credentials of coding agents, as in roles/ and in the AWS CLI's cache
    loose/KEY/@sh, @fish       a role for wherever no project is, as a binding of one profile
    roles/KEY/@role            credentials of a role, rendered for the shells
    roles/KEY/@process         the same, as credential_process prints it
    roles/KEY/@asked           in its place for a protected role, for who has said yes
    roles/KEY/@named           there while a profile that names the role gets it without a question
    roles/KEY/@<generation>    there while that rendering is the current one; beside it .ends and
                               .due, whose times are when shells drop it and SDKs want the next
    keys/ID                    there while AWS_ACCESS_KEY_ID=ID is known to be one of ours; KEY of
                               the role that it is of
    settings/@ok, @bad, @none  the settings as they were read last, and what came of it
    settings/@sh               the same as @ok, for the shells to source
    settings/@agents           by what coding agents are known: variables, and then commands
    credential-process         what `[profile ssoenv]` of the AWS config runs
    sealed/KIND/SHA1.sealed    tokens, registrations and credentials of roles of who keeps none in
                               plain files: only the keyring of the system has the key to them
    answers/TOKEN              a yes to a protected role, for the shell that asked; until when
    agent-settings/PATH        what was changed in an agent's settings at the absolute path PATH
    served/PID.config          the AWS config of a command that has served credentials
    admin/ID-QUESTION.jsonl    what an administrator's reading was answered that was stopped
    sign-in/                   locks and outcomes of sign-ins
    version                    of what form all of this is

DIR is the absolute path, mirrored; a part of it that begins with ``@`` gets one more ``@``, so that
no directory has the name of a file of ours. KEY is `role_key`.
"""

from __future__ import annotations

import os

from ssoenv.base.errors import InvalidConfiguration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BINDING_FILE = ".ssoenv.toml"
BINDING_LIMIT = 64 * 1024
"""How many bytes a binding file may have."""
SETTINGS_LIMIT = 64 * 1024
"""How many bytes the user's settings may have."""
LONGEST_NAME = 200
"""How many letters the name of a file may have that stands for a role; what has more is hashed."""
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def home(env: Mapping[str, str]) -> str:
    """Return the user's home directory. Raises InvalidConfiguration where there is none."""
    folder = env.get("HOME", "")
    if not folder.startswith("/"):
        raise InvalidConfiguration("HOME is not set to an absolute path", fix="export HOME=~")
    return folder


def aws_config_file(env: Mapping[str, str]) -> str:
    """``~/.aws/config``, or what AWS_CONFIG_FILE says."""
    return _expand(env, env.get("AWS_CONFIG_FILE", "")) or home(env) + "/.aws/config"


def aws_credentials_file(env: Mapping[str, str]) -> str:
    """``~/.aws/credentials``, or what AWS_SHARED_CREDENTIALS_FILE says."""
    named = _expand(env, env.get("AWS_SHARED_CREDENTIALS_FILE", ""))
    return named or home(env) + "/.aws/credentials"


def source_file(env: Mapping[str, str]) -> str:
    """Return the script that AWS programs run for credentials: the credential source."""
    return state(env) + "/credential-process"


def token_cache(env: Mapping[str, str]) -> str:
    """Return the folder of tokens and client registrations, shared with the AWS CLI and SDKs."""
    return home(env) + "/.aws/sso/cache"


def credential_cache(env: Mapping[str, str], *, agent: bool = False) -> str:
    """Return the folder of role credentials, shared with the AWS CLI v2; agents' are apart."""
    return state(env) + "/agents/cache" if agent else home(env) + "/.aws/cli/cache"


def sealed_folder(env: Mapping[str, str]) -> str:
    """Return the folder of what is kept sealed; the last part but one of its name is our state."""
    return state(env) + "/sealed"


def state(env: Mapping[str, str]) -> str:
    """Return our state folder."""
    return _xdg(env, "XDG_STATE_HOME", ".local/state")


def version_file(env: Mapping[str, str]) -> str:
    """Return the file that says of what form the state folder is."""
    return state(env) + "/version"


def settings_file(env: Mapping[str, str]) -> str:
    """Return the user's settings."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config") + "/config.toml"


def trust_folder(env: Mapping[str, str], directory: str) -> str:
    """Return the folder that mirrors the absolute, normal path `directory`. ValueError otherwise.

    Joined by concatenation: ``os.path.join`` would throw the state folder away.
    """
    if not directory.startswith("/") or ".." in directory.split("/") or "\0" in directory:
        raise ValueError(f"not an absolute, normal path: {directory!r}")
    return state(env) + "/trust" + directory.rstrip("/").replace("/@", "/@@")


def is_normal(directory: str) -> bool:
    """Whether `directory` is an absolute path as a shell has it: no ``..``, ``.`` or ``//``.

    Nor one below /proc, where a link leads to whatever directory a process is in.
    """
    normal = directory.startswith("/") and not directory.startswith(("//", "/proc/"))
    return normal and os.path.normpath(directory) == directory and "\0" not in directory


def above(path: str) -> Iterator[str]:
    """Yield every folder that `path` is in, the innermost first; it ends, whatever `path` is.

    POSIX leaves open what two slashes at the beginning mean, so there are two roots.
    """
    while (folder := os.path.dirname(path)) != path:
        yield folder
        path = folder


def choice_file(env: Mapping[str, str], directory: str) -> str:
    """Return the file with the profile that ``ssoenv use --save`` chose for `directory`."""
    return trust_folder(env, directory) + "/@choice"


def taken_file(env: Mapping[str, str], directory: str) -> str:
    """Return the file with the roles that shells took by ``ssoenv use`` in `directory`."""
    return trust_folder(env, directory) + "/@taken"


def trusted_directory(env: Mapping[str, str], folder: str) -> str:
    """Return the directory that `folder` mirrors; the inverse of `trust_folder`."""
    return folder[len(state(env)) + len("/trust") :].replace("/@@", "/@") or "/"


def adhoc_folder(env: Mapping[str, str], key: str) -> str:
    """Return the folder of a role that shells use where no project is; `key` as for role_key."""
    return state(env) + "/loose/" + key


def role_folder(env: Mapping[str, str], key: str, *, agent: bool = False) -> str:
    """Return the folder of the rendered credentials of the role with `key` (see role_key)."""
    return roles_folder(env, agent=agent) + "/" + key


def roles_folder(env: Mapping[str, str], *, agent: bool = False) -> str:
    """Return the folder of all rendered credentials: those of coding agents are apart."""
    return state(env) + ("/agents/roles" if agent else "/roles")


def roles_folders(env: Mapping[str, str]) -> tuple[str, str]:
    """Return both folders of rendered credentials: a person's, and coding agents'."""
    return roles_folder(env), roles_folder(env, agent=True)


def role_key(session: str, account: str, roles: tuple[str, ...], *more: tuple[str, ...]) -> str:
    """``SESSION/ACCOUNT/ROLE[:ROLE...][/WORD[:WORD...]...]``, each of ``A-Za-z0-9%._-``.

    Safe as a path, as one word of any shell, and in the name of a profile; no two roles share one.
    `more` is what tells a role of IAM by its ARN from a permission set; see ``models.Role.key``.
    """
    rows = ((session,), (account,), roles, *more)
    return "/".join(":".join(map(escape, row)) for row in rows)


def parse_role_key(key: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of `key`, row by row, as `role_key` took them. ValueError for other text."""
    rows = tuple(tuple(map(unescape, row.split(":"))) for row in key.split("/"))
    single = len(rows) > 2 and len(rows[0]) == len(rows[1]) == 1
    if single and role_key(rows[0][0], rows[1][0], *rows[2:]) == key:
        return rows
    raise ValueError(f"not the key of a role: {key!r}")


def file_name(key: str) -> str:
    """Return the name of a file that stands for the role with `key`; no two of them share one."""
    name = key.replace("/", ",")
    if len(name) <= LONGEST_NAME:
        return name
    import hashlib

    return hashlib.sha256(key.encode()).hexdigest()


def escape(text: str) -> str:
    """`text` as a part of a key: everything but ``A-Za-z0-9._-`` as ``%XX`` of its UTF-8.

    A part is never empty, and begins neither with a dot nor with a dash.
    """
    if text and not (set(text) - _PLAIN) and text[0] not in ".-":
        return text
    escaped = "".join(
        chr(byte) if chr(byte) in _PLAIN and chr(byte) not in ".-" else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
    return escaped or "%"


def unescape(text: str) -> str:
    """Undo `escape`; what it cannot have made is not made out either."""
    if text == "%":
        return ""
    head, *rest = text.split("%")
    try:
        raw = head.encode() + b"".join(bytes([int(one[:2], 16)]) + one[2:].encode() for one in rest)
    except ValueError:
        return ""
    return raw.decode("utf-8", "surrogateescape")


def shell_file(name: str) -> str:
    """Return the path of the shell file `name`."""
    return _packaged("shell", name)


def completion_file(name: str) -> str:
    """Return the path of the completion `name`."""
    return _packaged("completions", name)


def _packaged(folder: str, name: str) -> str:
    """Return the path of a file of ours: in the wheel beside us, else in the checkout.

    Never the reverse: ``site-packages/shell`` could be anyone's.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = f"{package}/_{folder}/{name}"
    return packaged if os.path.exists(packaged) else f"{os.path.dirname(package)}/{folder}/{name}"


def _expand(env: Mapping[str, str], path: str) -> str:
    """Return `path` as botocore has it (``configloader.raw_config_parse``): whole; "" for none."""
    if "$" in path:
        path = os.path.expandvars(path)
    if path == "~" or path.startswith("~/"):
        path = home(env) + path[1:]
    elif path.startswith("~"):
        path = os.path.expanduser(path)
    # What a link is above is not what stands before it in the path.
    whole = os.path.realpath if ".." in path else os.path.abspath
    return whole(path) if path else ""


def _xdg(env: Mapping[str, str], variable: str, default: str) -> str:
    base = env.get(variable, "")
    return (base.rstrip("/") if base.startswith("/") else f"{home(env)}/{default}") + "/ssoenv"
