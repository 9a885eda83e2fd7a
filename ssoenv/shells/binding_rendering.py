"""Trusted bindings as files that the shells read, written as ``rendering`` writes everything.

A binding is rendered together with the bytes that were trusted, in one file for each dialect: what
it says can never be taken for what other bytes say.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.dialects import quote
from ssoenv.base.models import MANAGED
from ssoenv.shells import rendering

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Binding, Profile
    from ssoenv.settings import Settings

DIALECTS = {"@sh": "sh", "@fish": "fish"}
"""File name -> dialect: bash and zsh read the same words."""


def publish(
    env: Mapping[str, str],
    directory: str,
    binding: Binding,
    settings: Settings,
    *,
    default: str,
    agent: str,
    refusals: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Render `binding`, trusted for `directory`, with the profile `default` as its default.

    `settings` say how credentials are handed over where a profile says nothing, and for how long a
    yes to a protected profile holds. `agent` is the only profile that coding agents get, or what
    names none; empty where they get all. `refusals` has, by profile, why the user's settings rule
    it out. What is rendered so already stays, and no shell has to look again. Raises OSError; then
    the old rendering, or none, holds.
    """
    folder = paths.trust_folder(env, directory)
    table = "\n".join(f"/{path}\t{name}" for path, name in binding.paths)
    words = [default, f" {' '.join(binding.profiles)} ", f"\n{table}\n" if table else ""]
    words += [binding.content.decode("utf-8"), agent]
    rows = [
        _profile_words(profile, settings, refusals.get(profile.name, ""))
        for profile in binding.profiles.values()
    ]
    shown = files.read_bytes(f"{folder}/@sh") or b""
    generation = shown.partition(b"\n")[0].decode(errors="replace").rpartition(" ")[2]
    if rendering.is_generation(generation):
        contents = {"@toml": binding.content} | _render_binding(generation, words, rows)
        same = all(files.read_bytes(f"{folder}/{name}") == text for name, text in contents.items())
        if same and os.path.isfile(f"{folder}/@{generation}"):
            return
    generation = rendering.new_generation()
    contents = {"@toml": binding.content} | _render_binding(generation, words, rows)
    rendering.replace(folder, contents, generation)


def publish_adhoc(
    env: Mapping[str, str],
    key: str,
    profile: Profile,
    settings: Settings,
    *,
    agent: str,
    refusal: str = "",
) -> None:
    """Render `profile` as the one of a binding that has no directory, but `key`. OSError.

    `refusal` says why the user's settings rule it out: a shell that has it goes without any role,
    and says so, rather than with whatever else the machine has.
    """
    generation = rendering.new_generation()
    words = [profile.name, f" {profile.name} ", "", "", agent]
    row = _profile_words(profile, settings, refusal)
    contents = _render_binding(generation, words, [row])
    rendering.replace(paths.adhoc_folder(env, key), contents, generation)


def retract(env: Mapping[str, str], directory: str) -> bool:
    """Take away what is rendered for `directory`; False where nothing was."""
    folder = paths.trust_folder(env, directory)
    rendering.remove_stamps(folder)
    names = ("@toml", "@choice", "@taken", *DIALECTS)
    removed = [files.remove(f"{folder}/{name}") for name in names]
    return any(removed)


def expire_all(env: Mapping[str, str]) -> None:
    """Have every shell look anew: no rendered binding is current until it is rendered again."""
    for top in ("trust", "loose"):
        for folder, _, names in os.walk(f"{paths.state(env)}/{top}"):
            if "@sh" in names:
                rendering.remove_stamps(folder)
                files.settle(folder)


def _profile_words(profile: Profile, settings: Settings, refusal: str) -> list[str]:
    return [
        profile.name,
        profile.role.key,
        profile.label,
        MANAGED,
        profile.region or "",
        profile.output or "",
        settings.handed_over(profile.export),
        str(settings.protect_for) if profile.protect else "",
        refusal,
    ]


def _render_binding(
    generation: str, words: list[str], rows: Iterable[list[str]]
) -> dict[str, bytes]:
    """Return the files of a binding: its `words`, after the generation, and each profile's."""
    calls = [("__ssoenv_binding", [generation, *words])]
    calls += [("__ssoenv_profile", row) for row in rows]
    contents = {}
    for name, dialect in DIALECTS.items():
        body = [
            " ".join([call, *(quote(dialect, word) for word in words)]) for call, words in calls
        ]
        text = "\n".join([f"#{rendering.HEADER} {generation}", *body, ""])
        contents[name] = text.encode("utf-8", "surrogateescape")
    return contents
