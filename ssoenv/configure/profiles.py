"""What ``ssoenv configure`` writes: a profile for each role that one may assume, or for some."""

from __future__ import annotations

import configparser
import os
import re
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, found_blocks, profile_blocks
from ssoenv.aws_files import sections as aws_sections
from ssoenv.aws_files.profile_blocks import Profile
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import dialects, paths
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.base.models import is_managed
from ssoenv.base.values import dataclass, replace
from ssoenv.configure import recipe as recipes
from ssoenv.configure.names import OTHER
from ssoenv.identity_center import assignments, matching
from ssoenv.identity_center.assignments import is_account_id
from ssoenv.shells import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.aws_files.edits import Edit
    from ssoenv.aws_files.found_blocks import Found
    from ssoenv.base.models import Assignment, Session
    from ssoenv.configure.recipe import Recipe
    from ssoenv.identity_center.assignments import Listing


@dataclass(frozen=True, slots=True)
class Plan:
    """A change of the AWS config, to be shown first.

    `profiles` are those that the block has then, `left_out` says of each other why, one line each;
    `added`, `changed` and `gone` are names of profiles.
    """

    edit: Edit
    profiles: tuple[Profile, ...] = ()
    left_out: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def show(self) -> list[str]:
        """Return the change as lines of a diff; empty where there is none."""
        ours = profile_blocks.written(self.edit.before or "")
        return edits.show(self.edit, ours | profile_blocks.written(self.edit.after))


def known_recipe(session: Session, typed: Recipe, env: Mapping[str, str]) -> tuple[Recipe, bool]:
    """Return how to make the profiles of `session`: as `typed`, else as they were made.

    The second is whether it is the latter. Raises InvalidConfiguration.
    """
    found = _blocks(env).get(session.label)
    if typed.options or found is None or not found.options:
        return typed, False
    return recipes.parse(found.options), True


def plan(session: Session, listing: Listing, recipe: Recipe, env: Mapping[str, str]) -> Plan:
    """Return what makes the block of `session` hold a profile for each role of `listing`.

    Raises UsageError for names that collide, AccessDenied where nothing is assigned,
    InvalidConfiguration where the AWS config cannot be read.
    """
    if not listing.assignments:
        raise AccessDenied(
            f"you hold no role in {session.label}, so its profiles stay as they are",
            advice="to take them out: ssoenv configure --remove",
        )
    chosen = matching.with_words(listing, recipe.words)
    wanted, left_out = _wanted(session, chosen, recipe, env)
    taken = _taken(session.label, env)
    left_out += [f"{name}: {taken[name]}" for name in wanted if name in taken]
    profiles = tuple(wanted[name] for name in sorted(wanted) if name not in taken)
    if recipe.sso:
        _check_agreement(session, profiles, env)
    change = profile_blocks.placed(session.label, recipe.options, profiles)
    edit = edits.plan(env, change)
    old = _profiles(edit.before, [session.label])
    new = _profiles(edit.after, [session.label])
    return Plan(
        edit,
        profiles,
        tuple(left_out),
        tuple(name for name in new if name not in old),
        tuple(name for name in new if name in old and new[name] != old[name]),
        tuple(name for name in old if name not in new),
    )


def unmatched(listing: Listing, recipe: Recipe) -> list[str]:
    """Return the patterns of ``--set`` that mean no role of `listing`, each once."""
    chosen = matching.with_words(listing, recipe.words).assignments
    patterns = dict.fromkeys(one.pattern for one in recipe.parsed)
    return [
        pattern
        for pattern in patterns
        if not any(policy.is_meant(pattern, one.account, one.name) for one in chosen)
    ]


def require_one(env: Mapping[str, str]) -> None:
    """Raise UsageError where several sessions have a block, and none was named."""
    found = sorted(_blocks(env))
    if len(found) > 1:
        raise UsageError(
            f"which session's profiles? there are those of {', '.join(found)}",
            fix=f"ssoenv configure --remove --session {dialects.word(found[0])}",
        )


def plan_removal(label: str | None, env: Mapping[str, str]) -> Plan:
    """Return what takes out the block of the session `label`, or every one.

    Raises UsageError where that has none.
    """
    found = _blocks(env)
    if label is not None and label not in found:
        there = f"; there is: {', '.join(found)}" if found else ""
        raise UsageError(f"{label} has no profiles of ssoenv configure{there}")
    labels = list(found) if label is None else [label]
    edit = edits.plan(env, profile_blocks.removed(labels))
    return Plan(edit, gone=tuple(_profiles(edit.before, labels)))


def write(plan: Plan, env: Mapping[str, str]) -> None:
    """Make the change, and see that what its profiles run is there.

    Raises SsoenvError if the AWS config was changed meanwhile, OSError.
    """
    if any("credential_process" in one.keys for one in plan.profiles):
        source.write(env)
    edits.write(env, plan.edit)


def _blocks(env: Mapping[str, str]) -> dict[str, Found]:
    return found_blocks.find(aws_sections.read(env) or "")


def _profiles(text: str | None, labels: Iterable[str]) -> dict[str, list[str]]:
    """Return the sections of the profiles in the blocks `labels` of `text`, by name."""
    found = found_blocks.find(text or "")
    return {
        name: section
        for label in labels
        if label in found
        for name, section in found[label].profiles().items()
    }


def _wanted(
    session: Session, listing: Listing, recipe: Recipe, env: Mapping[str, str]
) -> tuple[dict[str, Profile], list[str]]:
    """Return the profiles by their names, and what has none. Raises UsageError for collisions."""
    named: dict[str, list[tuple[Assignment, Profile]]] = {}
    left_out: list[str] = []
    for one in listing.assignments:
        why = _unwritable(one, recipe)
        if why:
            left_out.append(f"{one.account.name or one.account.id}/{one.role}: {why}")
            continue
        for profile in _of_role(session, one, recipe, env):
            there = named.setdefault(profile.name, [])
            if profile not in (other for _, other in there):
                there.append((one, profile))
    if recipe.unique:
        named = _made_unique(named)
    twice = {name: found for name, found in named.items() if len(found) > 1}
    if twice:
        raise _collision(twice, recipe, lambda one, tried: _of_role(session, one, tried, env))
    wanted: dict[str, Profile] = {}
    for name, ((one, profile),) in named.items():
        if not name or name == "default" or is_managed(name):
            what = f"{name!r} is no name for it" if name else "nothing is left of its name"
            left_out.append(f"{one.account.name or one.account.id}/{one.role}: {what}")
        else:
            wanted[name] = profile
    return wanted, left_out


def _of_role(
    session: Session, one: Assignment, recipe: Recipe, env: Mapping[str, str]
) -> Iterator[Profile]:
    """Yield the profiles of a role: one for each region."""
    more = recipe.keys(one.account, one.name)
    said = more.pop("region", None)
    regions = (said,) if isinstance(said, str) else recipe.regions or (session.region,)
    for region in regions:
        values = {
            "account_name": one.account.name or one.account.id,
            "account_id": one.account.id,
            "role": one.name,
            "session": session.label,
            "region": region,
        }
        name = recipe.naming.name(values)
        yield Profile(name, {**_role_keys(session, one, recipe, env), "region": region, **more})


def _role_keys(
    session: Session, one: Assignment, recipe: Recipe, env: Mapping[str, str]
) -> dict[str, str]:
    if not recipe.sso:
        key = assignments.as_role(session.label, one.account.id, one.role).key
        return {"credential_process": profile_blocks.command(paths.source_file(env), key)}
    role = {"sso_account_id": one.account.id, "sso_role_name": one.role}
    if session.name is None:
        return {"sso_start_url": session.start_url, "sso_region": session.region, **role}
    return {"sso_session": session.name, **role}


def _unwritable(one: Assignment, recipe: Recipe) -> str:
    """Return why no profile can say this role; empty where one can."""
    if one.arn and recipe.sso:
        return "no AWS config can say a role of the account access manager; without --sso it can"
    if not is_account_id(one.account.id):
        return f"{one.account.id!r} is no id of an account"
    plain = one.role.isprintable() and one.role.strip() == one.role
    if not one.role or (recipe.sso and not plain):
        return f"{one.role!r} cannot be written to an AWS config"
    return ""


def _by_unique(one: Assignment) -> str:
    """Return what ``--unique`` puts into the name of a role.

    A role of IAM may be called as a permission set in its account is: it is told by `iam`.
    """
    return f"{one.account.id}{'.iam' if one.arn else ''}"


def _made_unique(
    named: Mapping[str, list[tuple[Assignment, Profile]]],
) -> dict[str, list[tuple[Assignment, Profile]]]:
    """Return the profiles with the account's id in every name that more than one has."""
    result: dict[str, list[tuple[Assignment, Profile]]] = {}
    for name, found in named.items():
        for one, profile in found:
            own = f"{name}.{_by_unique(one)}" if len(found) > 1 else name
            result.setdefault(own, []).append((one, replace(profile, name=own)))
    return result


def _collision(
    twice: Mapping[str, list[tuple[Assignment, Profile]]],
    recipe: Recipe,
    made: Callable[[Assignment, Recipe], Iterable[Profile]],
) -> UsageError:
    """Return the error for names that are not unique, with options by which the first one is.

    `made` are the profiles that a role has by a recipe.
    """
    name, found = next(iter(sorted(twice.items())))
    roles = {(one.account.id, one.role): one for one, _ in found}
    whose = " and ".join("/".join(role) for role in [*roles][:3])
    more = f", and {len(twice) - 1} more names are not unique" if len(twice) > 1 else ""
    what = f"{name!r} would be the name of {whose}{more}"
    if len(roles) < len(found):
        what = f"{name!r} would be the name of {whose} in several regions{more}"
        many = "{account_name}.{role}.{region}"
        return UsageError(what, advice=f"tell them apart in the name, as in --name {many!r}")
    chars = {*"".join(one.name for one in roles.values())}
    unique = len({_by_unique(one) for one in roles.values()}) > 1
    for tried in _tried(recipe, chars, unique=unique):
        names = {
            (profile.name, tried.unique and _by_unique(one))
            for one in roles.values()
            for profile in made(one, tried)
        }
        if len(names) == len(found):
            return UsageError(what, fix=f"ssoenv configure {dialects.line(tried.options)}")
    return UsageError(what, advice="ask for one of them only, by a word that the others lack")


def _tried(recipe: Recipe, chars: Iterable[str], *, unique: bool) -> Iterator[Recipe]:
    """Yield recipes by which names may be told apart that are one by `recipe`, the simplest first.

    Roles may differ only in `chars` for which a name has the same dash.
    """
    recipe = replace(recipe, unique=recipe.unique or unique)
    yield recipe
    if recipe.name and "{role" not in recipe.name:
        yield replace(recipe, name=f"{recipe.name}.{{role}}")
    for char in sorted(char for char in chars if OTHER.match(char)):
        yield replace(recipe, trim=(*recipe.trim, re.escape(char)))


def _taken(label: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the names that are not free for the session `label`, and who has each."""
    path, text = paths.aws_config_file(env), aws_sections.read(env) or ""
    blocks = found_blocks.find(text)
    foreign = AwsConfig(path, found_blocks.without(text) if blocks else text)
    taken = {name: f"[profile {name}] is there already, in {path}" for name in foreign.profiles}
    for other, block in blocks.items():
        if other != label:
            for name in block.profiles():
                taken[name] = f"[profile {name}] is there already, for the session {other}"
    for name in _in_credentials_file(env):
        taken.setdefault(name, f"[{name}] is in your AWS credentials file, which goes first")
    return taken


def _in_credentials_file(env: Mapping[str, str]) -> Sequence[str]:
    """Return the names of the profiles in ``~/.aws/credentials``; none where it cannot be read."""
    path = os.path.expanduser(env.get("AWS_SHARED_CREDENTIALS_FILE", ""))
    parser = configparser.RawConfigParser(default_section="\0")
    try:
        with open(path or f"{paths.home(env)}/.aws/credentials", encoding="utf-8") as stream:
            parser.read_file(stream)
    except (OSError, ValueError, configparser.Error):
        return ()
    return parser.sections()


def _check_agreement(session: Session, profiles: Iterable[Profile], env: Mapping[str, str]) -> None:
    """Raise UsageError where a profile contradicts its session: no AWS tool takes that."""
    section = aws_config.load(env).sessions.get(session.name or "", {})
    for one in profiles:
        for key, value in section.items():
            said = one.keys.get(key, value)
            if said != value:
                raise UsageError(
                    f"{key} = {said}, and [sso-session {session.name}] says {key} = {value}",
                    advice=f"leave --set {key} out, or change the session",
                )
