"""What every command is for: the one source of ``--help``, the man pages and the completions.

Mere text, so that ``ssoenv --help`` can show all commands without loading one of them.
"""

from __future__ import annotations

from ssoenv.base.values import dataclass

PURPOSE = "The right AWS role in the shell for the directory you are in."


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the `module` of this package that has it, and what it does in one sentence.

    `examples` pair what one wants with the command line for it, which works as it stands in a
    project with the profiles dev and prod.
    """

    module: str
    summary: str
    examples: tuple[tuple[str, str], ...] = ()


SECTIONS: dict[str, dict[str, Entry]] = {
    "Set up": {
        "setup": Entry(
            "setup",
            "Add ssoenv to your shell, and tell it where your Identity Center is.",
            (
                ("see what would change, and change nothing", "ssoenv setup --print"),
                ("set up without a question", "ssoenv setup --yes"),
                ("take it out again", "ssoenv setup --undo --yes"),
            ),
        ),
        "doctor": Entry(
            "doctor",
            "Look for everything that commonly goes wrong; exit 1 if something is.",
            (
                ("look, without a word to AWS", "ssoenv doctor --offline"),
                ("repair what is safe to repair", "ssoenv doctor --fix"),
            ),
        ),
        "configure": Entry(
            "configure",
            "Keep a profile in your AWS config for each role that you may assume, or for some.",
            (
                ("see what would change, and change nothing", "ssoenv configure --dry-run"),
                (
                    "all with prod in account or role, by names of your own",
                    "ssoenv configure prod --name {account_name:lower}-{role} --yes",
                ),
                (
                    "what the AWS CLI can use without ssoenv, with keys for some of them",
                    "ssoenv configure --sso --set prod:region=us-east-1 --set output=json --yes",
                ),
                ("as last time, with what was assigned since", "ssoenv configure --yes"),
            ),
        ),
        "agents": Entry(
            "agents",
            "Say what a coding agent gets that is started here, and why.",
            (
                ("what an agent gets here", "ssoenv agents"),
                ("what the settings of Claude Code need", "ssoenv agents setup claude"),
            ),
        ),
    },
    "In a project": {
        "bind": Entry(
            "bind",
            "Bind this directory to a role: write or edit its .ssoenv.toml, and trust it.",
            (
                ("the role Developer in the account dev", "ssoenv bind -a dev -r Developer"),
                (
                    "the first of two roles that a teammate holds, under a name",
                    "ssoenv bind -a prod -r Administrator -r ReadOnly -n ops",
                ),
            ),
        ),
        "trust": Entry(
            "trust",
            "Show what the .ssoenv.toml here would do, then trust exactly these bytes.",
            (
                ("only look", "ssoenv trust --show"),
                ("trust without a question", "ssoenv trust --yes"),
            ),
        ),
        "untrust": Entry(
            "trust",
            "Take trust away: the .ssoenv.toml here does nothing any more.",
            (("the project here", "ssoenv untrust"),),
        ),
        "check": Entry(
            "check",
            "Say whether binding files are valid: without trust, and without the network.",
            (
                ("the project here", "ssoenv check"),
                ("one file, as CI and editors do", "ssoenv check .ssoenv.toml"),
            ),
        ),
        "schema": Entry(
            "schema",
            "Print the JSON schema of a .ssoenv.toml, or of your settings, for editors.",
            (
                ("what a .ssoenv.toml may say", "ssoenv schema"),
                ("what your settings may say", "ssoenv schema settings"),
            ),
        ),
        "use": Entry(
            "use",
            "Choose another profile of this project, or any role, for this shell.",
            (
                ("another profile, in this shell", "ssoenv use prod"),
                ("the one before", "ssoenv use -"),
                ("what the directory says", "ssoenv use --none"),
                ("any role, in this shell alone", "ssoenv use staging/ReadOnly --region eu-west-1"),
                ("for this directory, in every shell of yours", "ssoenv use prod --save"),
            ),
        ),
        "status": Entry(
            "status",
            "Say which role is active here, why, until when, and what to run next.",
            (
                ("this directory and this shell", "ssoenv status"),
                ("for a script", "ssoenv status --json"),
                ("whether AWS can be used here, by the exit code", "ssoenv status --check"),
            ),
        ),
    },
    "Sign-in": {
        "login": Entry(
            "login",
            "Sign in to a session, unless its token is good or can be refreshed.",
            (
                ("the session of the project here", "ssoenv login"),
                ("on a machine without a browser", "ssoenv login acme --device-code"),
                ("there, with a page that a forwarded port leads to", "ssoenv login --port 8250"),
            ),
        ),
        "logout": Entry(
            "logout",
            "Sign out: the token ends, cached credentials go, shells drop their keys.",
            (
                ("one session", "ssoenv logout acme"),
                ("every session, whichever tool signed in", "ssoenv logout --all"),
            ),
        ),
        "roles": Entry(
            "roles",
            "List the accounts and roles that you may assume.",
            (
                ("all of them; asks for what is not known yet, or old", "ssoenv roles"),
                ("those with both words, asked for anew", "ssoenv roles prod read --refresh"),
                ("of every session, for a spreadsheet", "ssoenv roles --all --csv"),
                ("the last list, for a script", "ssoenv roles --cached --json"),
            ),
        ),
    },
    "Credentials": {
        "exec": Entry(
            "execute",
            "Run one command with credentials in its environment; exit with its code.",
            (
                ("as the role of this directory", "ssoenv exec -- aws sts get-caller-identity"),
                (
                    "as any role that you hold",
                    "ssoenv exec dev/Developer -- aws sts get-caller-identity",
                ),
                ("a long job, which outlives its keys", "ssoenv exec --serve -- make deploy"),
                ("with nothing of ssoenv in its environment", "ssoenv exec --none -- env"),
            ),
        ),
        "export": Entry(
            "export",
            "Print credentials of the role of this directory, or of ACCOUNT/ROLE.",
            (
                ("the lines that a shell evals", "ssoenv export"),
                ("for docker run --env-file", "ssoenv export dev/Developer --format dotenv"),
            ),
        ),
        "console": Entry(
            "console",
            "Open the AWS console in the browser, as the role here, ACCOUNT/ROLE or one picked.",
            (
                ("as the role of this directory", "ssoenv console"),
                (
                    "as any role, at a service, for 8 hours",
                    "ssoenv console dev/Developer --service s3 --duration 8h",
                ),
                ("only the address, which signs in whoever opens it", "ssoenv console --print"),
                ("a link without a secret, for others", "ssoenv console --link --service s3"),
            ),
        ),
        "whoami": Entry(
            "whoami",
            "Ask AWS (STS) whose credentials this directory has, or else this environment.",
            (
                ("this directory", "ssoenv whoami"),
                ("any role that you hold", "ssoenv whoami dev/Developer"),
            ),
        ),
    },
    "For shells and SDKs": {
        "hook": Entry(
            "hook",
            'Print the hook for the shell\'s rc file: eval "$(ssoenv hook bash)".',
            (("what the line in .zshrc evals", "ssoenv hook zsh"),),
        ),
        "prompt": Entry(
            "prompt",
            "Print the role of this shell, for a prompt of your own; nothing where none is bound.",
            (("the role alone", "ssoenv prompt --format {label}"),),
        ),
        "credential-process": Entry(
            "credential_process",
            "Print credentials as the SDKs' credential_process protocol has them.",
            (
                (
                    "what the managed profile of a role runs",
                    "ssoenv credential-process acme/111111111111/Developer",
                ),
            ),
        ),
    },
    "For administrators": {
        "admin": Entry(
            "admin",
            "The administrator's side: who has which access, and why.",
            (
                ("who has access to an account", "ssoenv admin who-can dev"),
                ("what a colleague has access to, and by which group", "ssoenv admin what-can bob"),
                ("who holds what, everywhere", "ssoenv admin assignments"),
            ),
        ),
    },
    "Try it": {
        "demo": Entry(
            "demo",
            "Show everything on a local Identity Center, in a HOME that is thrown away.",
            (("the tour, in every shell", "ssoenv demo"),),
        ),
        "sandbox": Entry(
            "sandbox",
            "A local Identity Center for trials and tests.",
            (
                ("a shell in which every AWS tool signs in there", "ssoenv sandbox run -- bash"),
                ("one that stays, for several terminals", "ssoenv sandbox serve"),
            ),
        ),
        "help": Entry(
            "help",
            "Show what a command does, with its options and examples; or a topic.",
            (
                ("one command", "ssoenv help bind"),
                ("what the exit codes mean", "ssoenv help exit-codes"),
            ),
        ),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
"""Every command that people may type, in the order of ``--help``."""

SUBCOMMANDS = {
    "agents setup": Entry(
        "agents",
        "Show what an agent's settings need, so that its commands get the role of their directory.",
        (
            ("only look", "ssoenv agents setup claude"),
            ("write it, once you agree", "ssoenv agents setup claude --write"),
            ("take it out again", "ssoenv agents setup claude --undo --yes"),
        ),
    ),
    "configure profiles": Entry(
        "configure",
        "Keep a profile in your AWS config for each role that you may assume, or for some.",
    ),
    "configure session": Entry(
        "configure",
        "Add an Identity Center to your AWS config, or change one that is there.",
        (
            (
                "see what would change, and change nothing",
                "ssoenv configure session acme --dry-run",
            ),
            (
                "another region for one that is there",
                "ssoenv configure session acme --region us-east-2 --replace --yes",
            ),
        ),
    ),
    "configure import": Entry(
        "configure",
        "Look for what other tools left in your AWS config, and add the sessions that it lacks.",
        (("only look", "ssoenv configure import --dry-run"),),
    ),
    "admin instances": Entry(
        "admin",
        "Show the Identity Centers that your AWS credentials see.",
        (
            (
                "in a region, by a profile of your AWS config",
                "ssoenv admin instances --region us-east-1 --profile administrator",
            ),
        ),
    ),
    "admin permission-sets": Entry(
        "admin",
        "List the permission sets; or show what one gives, and where it is provisioned.",
        (("what one gives, and where", "ssoenv admin permission-sets Developer"),),
    ),
    "admin users": Entry(
        "admin",
        "List users, or find some.",
        (("with the groups that they are in", "ssoenv admin users alice --groups"),),
    ),
    "admin groups": Entry(
        "admin",
        "List groups, or find some.",
        (("with who is in them", "ssoenv admin groups --members"),),
    ),
    "admin lookup": Entry(
        "admin",
        "Say what ids stand for, and which ids names have.",
        (("an account, and somebody", "ssoenv admin lookup 111111111111 alice"),),
    ),
    "admin assignments": Entry(
        "admin",
        "List who holds which permission set in which account.",
        (
            ("of a user, whichever account", "ssoenv admin assignments --user alice"),
            (
                "in an organizational unit, people in place of groups",
                "ssoenv admin assignments --ou Workloads --expand-groups",
            ),
            ("as aws-sso-util writes it", "ssoenv admin assignments --csv"),
        ),
    ),
    "admin who-can": Entry(
        "admin",
        "Say which users have access to an account, and by which path.",
        (("only with one role", "ssoenv admin who-can prod Administrator"),),
    ),
    "admin what-can": Entry(
        "admin",
        "Say what a user has access to, and by which path.",
        (("for scripts", "ssoenv admin what-can bob --json"),),
    ),
    "admin assign": Entry(
        "admin",
        "Assign permission sets in accounts to users and groups; what is assigned stays.",
        (
            (
                "see what would change, and change nothing",
                "ssoenv admin assign -u bob -r ReadOnly --ou Workloads --dry-run",
            ),
            (
                "one role in one account, and wait until it is there",
                "ssoenv admin assign -u bob -r Developer -a dev",
            ),
            (
                "for two hours only: see `ssoenv admin expire`",
                "ssoenv admin assign -u bob -r Developer -a prod --for 2h --reason incident",
            ),
        ),
    ),
    "admin unassign": Entry(
        "admin",
        "Take assignments back from users and groups, once you agree.",
        (
            (
                "without a question",
                "ssoenv admin unassign -u bob -r ReadOnly -a prod --yes",
            ),
        ),
    ),
    "admin define": Entry(
        "admin",
        "Make a permission set, or change the one there is, to what is named; the rest stays.",
        (
            (
                "see what would change, and change nothing",
                "ssoenv admin define Deployer --policy PowerUserAccess --duration 4h --dry-run",
            ),
            (
                "exactly as a file has it, without a question",
                "ssoenv admin define Deployer --file deployer.toml --yes",
            ),
        ),
    ),
    "admin provision": Entry(
        "admin",
        "Bring the roles of a permission set up to date, where they are not.",
        (("in one account, whatever it is there", "ssoenv admin provision ReadOnly -a prod"),),
    ),
    "admin add-user": Entry(
        "admin",
        "Make a user of the identity store, unless there is that very one.",
        (
            (
                "somebody new",
                "ssoenv admin add-user eve --given Eve --family Moss --email eve@acme.example",
            ),
        ),
    ),
    "admin add-group": Entry(
        "admin",
        "Make a group of the identity store, unless there is that very one.",
        (("for a team", "ssoenv admin add-group ops --description engineers"),),
    ),
    "admin join": Entry(
        "admin",
        "Put users into a group; who is in it stays.",
        (("two of them", "ssoenv admin join web alice bob"),),
    ),
    "admin leave": Entry(
        "admin",
        "Take users out of a group, once you agree.",
        (("without a question", "ssoenv admin leave web bob --yes"),),
    ),
    "admin delete": Entry(
        "admin",
        "Delete a permission set, a user or a group, with what they hold, once you agree.",
        (("see what goes with somebody", "ssoenv admin delete user bob --dry-run"),),
    ),
    "admin grants": Entry(
        "admin",
        "List the assignments that have an end: until when, why, and by whom.",
        (("for scripts", "ssoenv admin grants --json"),),
    ),
    "admin expire": Entry(
        "admin",
        "Take back the assignments whose end is over, by the clock here; for cron or CI.",
        (("see what would go", "ssoenv admin expire --dry-run"),),
    ),
    "admin entitlements": Entry(
        "admin",
        "List who is entitled to which role of IAM, by the account access manager.",
        (("of a user", "ssoenv admin entitlements --user alice"),),
    ),
    "admin entitle": Entry(
        "admin",
        "Entitle users and groups to roles of IAM; what is so already stays.",
        (
            (
                "to a role of the account 333333333333",
                "ssoenv admin entitle -u bob --role-arn arn:aws:iam::333333333333:role/Deploy",
            ),
        ),
    ),
    "admin disentitle": Entry(
        "admin",
        "Take entitlements to roles of IAM away, once you agree.",
        (
            (
                "from a role of the account 333333333333",
                "ssoenv admin disentitle -u bob --role-arn arn:aws:iam::333333333333:role/Run",
            ),
        ),
    ),
    "admin plan": Entry(
        "admin",
        "Show what has to change so that an Identity Center is what a file says.",
        (
            ("what comes, changes and goes", "ssoenv admin plan org.toml --prune"),
            ("in CI: end with 1 where it is not as declared", "ssoenv admin plan org.toml --check"),
        ),
    ),
    "admin apply": Entry(
        "admin",
        "Make an Identity Center what a file says, once you agree; nothing goes without --prune.",
        (
            ("let go what is not declared any more", "ssoenv admin apply org.toml --prune"),
            ("without a question", "ssoenv admin apply org.toml --yes"),
        ),
    ),
    "admin export": Entry(
        "admin",
        "Write what is there as a file that `plan` and `apply` take, TOML.",
        (("to compare with a later one", "ssoenv admin export --json"),),
    ),
    "admin diff": Entry(
        "admin",
        "Show what two exports differ in; asks nobody.",
        (("end with 1 if they do", "ssoenv admin diff monday.json today.json --check"),),
    ),
    "sandbox serve": Entry(
        "sandbox",
        "Serve until stopped; print the lines that point any AWS tool here.",
        (
            (
                "in another terminal: . ./sandbox.env",
                "ssoenv sandbox serve --env-file sandbox.env",
            ),
            (
                "as large, far and strict as the real one",
                "ssoenv sandbox serve --large --latency 50 --rate 20 --burst 40",
            ),
        ),
    ),
    "sandbox run": Entry(
        "sandbox",
        "Serve while CMD runs, in a HOME that is thrown away; exit with its code.",
        (
            ("a shell in which every AWS tool signs in there", "ssoenv sandbox run -- bash"),
            ("with 200 accounts", "ssoenv sandbox run --accounts 200 -- bash"),
        ),
    ),
}

ALONE = ("configure profiles",)
"""Commands that are what the command above them is by itself: no help names them."""

EXIT_CODES = {
    0: "all went well",
    1: "it failed",
    2: "the command line cannot be understood",
    3: "somebody has to sign in",
    4: "the .ssoenv.toml here is not trusted",
    5: "a file says something invalid",
    6: "access denied, or no such assignment",
    7: "the network or the service failed",
    70: "a bug in ssoenv",
    130: "interrupted with Ctrl-C",
}
EXIT_CODES_NOTE = "exec and sandbox run exit with the code of their command."
