"""The verbs that shells, prompts and SDKs run all day: answered from rendered files.

Each returns an exit code, or None when the answer takes more than a look: then the same words go
to the command line. Nothing here may import more than the cheapest modules; a test pins which.
"""

from __future__ import annotations

import sys

from ssoenv.base import clock, dialects, paths
from ssoenv.shells import commands, rendered, state_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def run(verb: str, arguments: list[str], env: Mapping[str, str]) -> int | None:
    """Answer the hot `verb`; None where only the command line can.

    Raises InvalidConfiguration where the state folder is not the user's alone.
    """
    if verb == "prompt":
        return _prompt(arguments, env)
    if verb == "ensure" and len(arguments) > 3 and not commands.needs_role(arguments[3:]):
        return commands.NO_ROLE
    state_folder.require_own(env)
    return _of_our_folder(verb, arguments, env)


def _of_our_folder(verb: str, arguments: list[str], env: Mapping[str, str]) -> int | None:
    """Answer a `verb` that reads or writes the state folder."""
    if verb == "credential-process":
        return _credential_process(arguments, env)
    if verb == "ensure":
        return _ensure(arguments, env)
    if verb == "renew":
        return _renew(arguments, env)
    if verb == "export":
        return _export(arguments, env)
    return _hook(arguments, env)


def _credential_process(arguments: list[str], env: Mapping[str, str]) -> int | None:
    """Nothing, as the credential source has it. A ``KEY`` is for the command line."""
    if arguments:
        return None
    agent = state_folder.agent(env)
    binding, profile = (None, None) if agent is None else _given(env, agent=bool(agent))
    if binding is None or profile is None or profile.refusal or (profile.protect and agent):
        return None
    found = rendered.load_process(
        env, profile.role_key, protected=bool(profile.protect), agent=bool(agent)
    )
    if found is None or found[0] - clock.now() < rendered.SDK_WINDOW:
        return None
    if profile.protect and not _said_yes(env, found[1]):
        return None
    if not _is_as_rendered(env, profile.role_key):
        return None
    binding.note_as_compared()
    rendered.note_as_compared(paths.settings_file(env), f"{paths.state(env)}/settings/@sh")
    sys.stdout.write(found[1])
    return 0


def _said_yes(env: Mapping[str, str], document: str) -> bool:
    """Whether a person has said yes in this shell to the role that `document` is of."""
    from ssoenv.shells import answers

    key_id = document.partition('"AccessKeyId": "')[2].partition('"')[0]
    role_key = rendered.role_of_key(env, key_id)
    return bool(role_key) and answers.seconds_left(answers.file(env, role_key)) > 0


def _given(
    env: Mapping[str, str], *, agent: bool
) -> tuple[rendered.RenderedBinding | None, rendered.RenderedProfile | None]:
    """Return what a program has here, by the binding that says so.

    The directory's, and outside of every project that of the shell which the program comes from.
    """
    directory = env.get("PWD", "")
    if not paths.is_normal(directory) or not _same_place(directory):
        return None, None
    path = rendered.find_binding_file(directory.rstrip("/"))
    if path is not None:
        binding = rendered.load_binding(env, path[: -len(paths.BINDING_FILE) - 1] or "/")
        return binding, binding.select(directory, env, agent=agent) if binding else None
    origin = env.get("SSOENV_DIR", "")
    if not paths.is_normal(origin):
        return None, None
    binding = rendered.load_binding(env, origin)
    name = env.get("SSOENV_PROFILE", "")
    return binding, binding.named(name, agent=agent) if binding else None


def _ensure(arguments: list[str], env: Mapping[str, str]) -> int | None:
    """``DIR PROFILE TOKEN WORD...``: see that the role of a directory is live, for the hook.

    The words are the person's command. By position alone: none of them can be taken for an option.
    """
    if len(arguments) < 3 or not arguments[0].startswith("/"):
        return None
    binding = rendered.load_binding(env, arguments[0])
    profile = binding.profiles.get(arguments[1]) if binding else None
    if profile is None or profile.protect or profile.refusal or state_folder.agent(env) != "":
        return None
    live = _is_as_rendered(env, profile.role_key) and rendered.load_role(env, profile.role_key)
    return 0 if live else None


def _renew(arguments: list[str], env: Mapping[str, str]) -> int:
    """``[DIR]``: for the hook, which sees that the settings or the file of DIR have changed."""
    from ssoenv.trust import renewal

    state_folder.require_known(env)
    return renewal.run(arguments, env)


def _export(arguments: list[str], env: Mapping[str, str]) -> int | None:
    """``[--format env|fish|json|process|dotenv|powershell]`` for the directory we are in."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--format"):
        return None
    agent = state_folder.agent(env)
    profile = None if agent is None else _given(env, agent=bool(agent))[1]
    if profile is None or profile.protect or profile.refusal:
        return None
    role = rendered.load_role(env, profile.role_key, agent=bool(agent))
    if role is None or not _is_as_rendered(env, profile.role_key):
        return None
    variables = dict(role.variables)
    if profile.region:
        variables |= {"AWS_REGION": profile.region, "AWS_DEFAULT_REGION": profile.region}
    from ssoenv.shells import exports

    form = arguments[1] if arguments else "env"
    process = (
        rendered.load_process(env, profile.role_key, agent=bool(agent))
        if form == "process"
        else None
    )
    text = process[1] if process else exports.render(form, variables)
    if text is None:
        return None
    sys.stdout.write(text)
    return 0


def _hook(arguments: list[str], env: Mapping[str, str]) -> int | None:
    """``bash|zsh|fish``: the text to eval in the rc file."""
    if len(arguments) != 1 or arguments[0] not in dialects.SHELLS:
        return None
    from ssoenv.shells import hook as hook_text

    text = hook_text.load(arguments[0], env)
    if text is None:
        if hook_text.renderings_may_be_stale(arguments[0], env):
            return None
        state_folder.require_known(env)
        text = hook_text.render(arguments[0], env)
    sys.stdout.write(text)
    return 0


def _prompt(arguments: list[str], env: Mapping[str, str]) -> int | None:
    """``[--format TEXT]``: the segment, from what the hook exported into this very process."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--format" or not arguments[1]):
        return None
    from ssoenv.shells import segment

    text = segment.render(env, arguments[1] if arguments else segment.DEFAULT)
    if text:
        sys.stdout.write(text + "\n")
    return 0


def _is_as_rendered(env: Mapping[str, str], role_key: str) -> bool:
    """Whether the settings and the AWS config are those by which a role was rendered."""
    return state_folder.settings_are_current(env) and rendered.knows_config(env, role_key)


def _same_place(directory: str) -> bool:
    """Whether the logical PWD is where the kernel says that we are."""
    import os

    try:
        there, here = os.stat(directory), os.stat(".")
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
