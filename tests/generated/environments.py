"""What the environment holds, where a row leads, and what else stands beside the hook."""

from __future__ import annotations

from dataclasses import dataclass

OWN_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAMYOWN",
    "AWS_SECRET_ACCESS_KEY": "my-own-secret",
    "AWS_SESSION_TOKEN": "my-own-token",
}
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
OWN_REGION = dict.fromkeys(REGIONS, "ap-south-1")


@dataclass(frozen=True, slots=True)
class Hold:
    """What the environment holds: from the start, or exported by a line in the first directory.

    In values, ``{tree}`` is the folder of the projects; ``keys`` and ``profile`` name what the
    project ops would have put there.
    """

    env: dict[str, str]
    typed: dict[str, str]
    keys: bool = False
    profile: bool = False

    @property
    def own(self) -> dict[str, str]:
        """The values that are the user's: they must be there again where no role is."""
        ours = ("SSOENV_", "COMP_", "READLINE_", "WIDGET")
        return {k: v for k, v in (self.env | self.typed).items() if not k.startswith(ours)}


def _holds(**env: str) -> Hold:
    return Hold(env, {})


_MARKERS = {
    "SSOENV_DIR": "{tree}/ops",
    "SSOENV_LABEL": "ops/Developer",
    "SSOENV_VARS": "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_PROFILE AWS_DEFAULT_PROFILE",
}  # fmt: skip
HOLDS = {
    "nothing": _holds(),
    "own-profile": _holds(AWS_PROFILE="mine"),
    "own-default-profile": _holds(AWS_DEFAULT_PROFILE="mine"),
    "own-keys": Hold(OWN_KEYS, {}),
    "own-region": Hold(OWN_REGION, {}),
    "own-security-token": _holds(AWS_SECURITY_TOKEN="my-old-token"),
    "typed-profile": Hold({}, {"AWS_PROFILE": "mine"}),
    "typed-keys": Hold({}, OWN_KEYS),
    "typed-region": Hold({}, OWN_REGION),
    "in-completion": _holds(COMP_LINE="aws", COMP_POINT="3", READLINE_POINT="0", WIDGET="x"),
    "child-of-ops": Hold(_MARKERS, {}, profile=True),
    "pane-of-ops": Hold(_MARKERS, {}, keys=True),
    "bare-keys": Hold({}, {}, keys=True),
    "bare-profile": Hold({}, {}, profile=True),
    "label-of-prod": _holds(SSOENV_DIR="{tree}/web", SSOENV_LABEL="prod/ReadOnly", SSOENV_VARS=""),
    "use-of-ops": _holds(
        SSOENV_DIR="{tree}/ops", SSOENV_LABEL="prod/x", SSOENV_USE="prod", SSOENV_VARS=""
    ),
    "climbing": _holds(
        SSOENV_DIR="@../..", SSOENV_LABEL="x", SSOENV_USE="@../..", SSOENV_VARS="PATH HOME * [x]"
    ),
    "escapes": _holds(
        SSOENV_DIR="{tree}/web/../ops",
        SSOENV_LABEL="\x1b]0;x\x07$(touch $HOME/PWNED)`touch $HOME/PWNED`",
        SSOENV_USE="$(touch $HOME/PWNED);touch $HOME/PWNED",
        SSOENV_VARS="x[$(touch $HOME/PWNED)] $(touch $HOME/PWNED)",
    ),
}  # fmt: skip

ROUTES = {
    "web-ops": ("web", "ops"),
    "ops-web": ("ops", "web"),
    "web-nowhere": ("web", "plain"),
    "ops-clone": ("ops", "clone"),
    "nowhere-web": ("plain", "web"),
    "web-subdirectory": ("web", "web/envs/prod"),
    "subdirectory-web": ("web/envs/prod", "web"),
    "subdirectory-ops": ("web/envs/prod", "ops"),
    "web-link": ("web", "link"),
}
"""From where to where, below a tree: web and ops are trusted, clone is not, link leads to ops."""

DIRENV = ("none", "first", "last")
ENVRC_TEXT = {
    "profile": "export AWS_PROFILE=of-envrc\n",
    "region": "export AWS_REGION=ca-central-1 AWS_DEFAULT_REGION=ca-central-1\n",
    "keys": "export AWS_ACCESS_KEY_ID=AKIAENVRC AWS_SECRET_ACCESS_KEY=envrc AWS_SESSION_TOKEN=envrc\n",
}
ENVRC_PLACE = {"in": "web", "above": ".", "beside": "plain"}
ENVRCS = ("none", *(f"{text}-{place}" for text in ENVRC_TEXT for place in ENVRC_PLACE))
SETTINGS = ("live", "armed", "profile", "protected-yes", "protected-no")
"""How the roles stand: ``profile`` is the user's setting, with credentials at hand."""
