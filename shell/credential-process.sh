#!/bin/sh
# What `[profile ssoenv]` of the AWS config runs: credentials of the role that the directory gives, for
# every program that asks; with the KEY of a role, as the profiles of `ssoenv configure` have it, of that. An answer that is at hand takes builtins alone; all else is the program's:
# what is not trusted, protected, over soon or odd, and every error.
# POSIX sh: dash, busybox ash, and bash from 3.2, which takes over for long files. `ssoenv setup` and `ssoenv trust` put it into the state
# folder, with the words filled in.
# shellcheck disable=SC3013,SC3067 # these shells know -nt, -ef and -O

# --- [settings] ---------------------------------------------------------------------------------
# bash takes options and functions from the environment, and what is exported there stays so: a trace
# would show the keys, and the program that is started would have them in its environment.
{ set +avx; } 2>/dev/null
unset -f printf read [ command
# What coding agents set for their commands, before anything here has a name.
named=${1-}
set -- __SSOENV_MARKS__
unset root config longest places tab newline project folder inside chosen name names table trusted
unset generation key held_back cache document of now seen line aws looked
unset agent agents interpreters process parent command word
agent=''
root=__SSOENV_STATE__
config=__SSOENV_CONFIG__
longest=__SSOENV_LONGEST__
places=__SSOENV_PLACES__
# What coding agents run as, and what interpreters do, whose scripts may be agents.
agents=__SSOENV_AGENTS__
interpreters=__SSOENV_INTERPRETERS__
# Whatever takes more than a look.
program() {
    set -- __SSOENV_EXE__ credential-process ${named:+--named "$named"}
    if [ ! -x "$1" ]; then
        printf 'ssoenv: %s is gone; install ssoenv again\n' "$1" >&2
        exit 1
    fi
    exec "$@"
}
tab='	' newline='
'

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of. Those of a binding are bash's and zsh's, too.
__ssoenv_binding() { # GENERATION DEFAULT NAMES PATHS TRUSTED AGENT
    generation=$1 names=$3 table=$4 trusted=$5
    choose "$2"
    [ -z "$agent" ] || [ -z "${6-}" ] || name=$6 chosen=''
}
__ssoenv_profile() { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT REFUSAL
    # With all nine words: a line that is cut off would say that nothing protects the role.
    [ "$# $1" != "9 $name" ] || key=$2 held_back=$8$9
}
__ssoenv_process() { # GENERATION DEADLINE KEY CACHE-FILE DOCUMENT
    # A document that is cut off behind a quote in it is a word all the same.
    case $5 in *\}) generation=$1 of=$3 cache=$4 document=$5 ;; esac
}
__ssoenv_settings() { # BYTES
    trusted=$1
}

# --- [agent] ------------------------------------------------------------------------------------
# Whether a coding agent asks: '' or 1; false where only the program can tell, because what a process runs
# is a script whose name may be that of one.
find_agent() { # VALUE...: of what agents set
    for word; do
        case $word in '' | 0 | [Ff][Aa][Ll][Ss][Ee]) ;; *) agent=1 && return ;; esac
    done
    process=$PPID
    while [ "$process" -gt 1 ] && [ -r "/proc/$process/status" ]; do
        command='' parent=0
        while IFS="$tab" read -r word line; do
            case $word in
            Name:) command=$line ;;
            PPid:) parent=$line && break ;;
            esac
        done <"/proc/$process/status"
        case $agents in *" $command "*) agent=1 && return ;; esac
        for word in $interpreters; do
            case $command in "$word"*) runs_no_agent || return ;; esac
        done
        process=$parent
    done
}
# No shell here sees where a word of its command line ends.
runs_no_agent() {
    line=''
    IFS= read -r line <"/proc/$process/cmdline" || :
    for word in $agents; do
        case $line in *"/$word"* | *"-m$word"* | *"$command$word"*) return 1 ;; esac
    done
}

# --- [decision] ---------------------------------------------------------------------------------
# Which profile of the project: what a person chose by `ssoenv use` in the shell that this comes from; in
# the project, the nearest directory of [paths]; outside of it, the profile which that shell has.
choose() { # DEFAULT
    name=$1
    case $names in *" $chosen "*) name=$chosen && return ;; esac
    while [ -n "$inside" ]; do
        case $table in *"$newline$inside$tab"*)
            name=${table#*"$newline$inside$tab"}
            name=${name%%"$newline"*}
            return
            ;;
        esac
        inside=${inside%/*}
    done
}
# Whether FILE is the user's own and a plain one, older than STAMP, and holds just the bytes of $trusted, as
# far as lines tell. The time cannot prove it, but spares reading what was written since: no shell here
# sees a NUL, nor reads more than a byte at once. Of the same time is not older: busybox tells whole seconds.
holds_trusted() { # FILE STAMP
    [ -O "$1" ] && [ -f "$1" ] && [ -r "$1" ] && [ -s "$1" ] && [ -f "$2" ] || return
    [ "$2" -nt "$1" ] || return
    seen=''
    # bash reads a block at once, and takes over from a shell that does not.
    if [ -n "${BASH_VERSION-}" ]; then
        # shellcheck disable=SC3045 # bash has -d; it fails where the file ends without a NUL
        { ! IFS= read -r -d '' -n "$((${#trusted} + 1))" seen <"$1"; } 2>/dev/null && [ "$seen" = "$trusted" ]
        return
    elif [ "${#trusted}" -gt "$longest" ]; then
        # Only as the program that this is: a name without a path would be looked for here.
        case $0 in /*) [ -x /bin/bash ] && [ -O "$0" ] && exec /bin/bash --posix -p "$0" ;; esac
        return 1
    fi
    while IFS= read -r line; do
        seen=$seen$line$newline
        [ "${#seen}" -le "${#trusted}" ] || return
    done <"$1"
    [ "$seen$line" = "$trusted" ]
}
# Whether all that is rendered is as the user's settings have it.
settings_are_current() {
    if [ -e "$config" ] || [ -h "$config" ]; then
        trusted=''
        read_rendered "$root/settings/@sh" && holds_trusted "$config" "$root/settings/@sh"
    else
        [ -f "$root/settings/@none" ]
    fi
}
# Whether the AWS config is the one that was looked at, by its time, and has the session of the role: that may
# mean another Identity Center by now, or none: so it is asked of what has been read. The folder knows no way
# back to a folder above.
config_is_known() {
    aws=${AWS_CONFIG_FILE:-$HOME/.aws/config}
    case $aws in [!/]* | */../*) return 1 ;; esac
    looked=$root/configs/${key%%/*}$aws
    [ -f "$looked" ] && [ -f "$aws" ] || return
    [ ! "$aws" -nt "$looked" ] && [ ! "$looked" -nt "$aws" ]
}
# False for a file that is not whole. `command` has the shell go on from there: else a quote without an end would end it.
read_rendered() { # FILE
    [ -O "$1" ] && [ -f "$1" ] && [ -r "$1" ] || return
    # shellcheck source=/dev/null
    { command . "$1"; } 2>/dev/null
}
# Where we are: the shell itself has compared PWD with the directory that the kernel knows, if it is set.
find_project() {
    case $PWD in /proc/* | *"$newline"* | *"$tab"* | *//* | */./* | */../* | */. | */.. | [!/]* | ?*/ | '') return 1 ;; esac
    [ . -ef "$PWD" ] || return
    project=${PWD%/} chosen=''
    while [ ! -f "$project/.ssoenv.toml" ]; do
        [ -n "$project" ] || {
            come_from_shell
            return
        }
        project=${project%/*}
    done
    inside=${PWD#"$project"}
    case ${SSOENV_DIR-} in
    /*) [ ! "$SSOENV_DIR" -ef "${project:-/}" ] || chosen=${SSOENV_USE-} ;;
    esac
    # What a person took beside the project's own profiles is for no agent.
    case $agent$chosen in 1*/*) chosen='' ;; esac
    folder=$root/trust$project
}
# Outside of every project: the role of the shell that this comes from. All that its variables say may be
# anybody's word.
come_from_shell() {
    inside='' chosen=${SSOENV_PROFILE-}
    case ${SSOENV_DIR-} in
    *"$newline"* | *//* | */./* | */../* | */. | */.. | ?*/) return 1 ;;
    @*[!A-Za-z0-9%._:/-]* | @*..*) return 1 ;;
    @*) project='' folder=$root/loose/${SSOENV_DIR#@} ;;
    /*)
        project=${SSOENV_DIR%/}
        folder=$root/trust$project
        case $agent$chosen in '' | 1 | 1*/*) return 1 ;; esac
        ;;
    *) return 1 ;;
    esac
}
find_key() {
    case $folder/ in */@*) return 1 ;; esac
    generation='' key='' held_back='' name='' trusted=''
    read_rendered "$folder/@sh" && [ -n "$key" ] && [ -z "$held_back" ] && [ -f "$folder/@$generation" ] || return
    case $folder in
    "$root/loose/"*) ;;
    *) holds_trusted "$project/.ssoenv.toml" "$folder/@$generation" || return ;;
    esac
    [ -z "$chosen" ] || [ "$chosen" = "$name" ]
}
# The role that a profile names: a person's, and one that no rule is about, as the program has noted.
find_named() {
    case $named in /* | */ | *//* | *..* | *[!A-Za-z0-9%._:/-]*) return 1 ;; esac
    key=$named
    [ -z "$agent" ] && [ -f "$root/roles/$key/@named" ]
}
find_role() {
    if [ -n "$named" ]; then find_named; else find_project && find_key; fi
}
# The credentials of the role with $key: there, not newer in the AWS CLI's cache (nor gone: a sign-out), and
# good for a while. No shell here has a clock, but times of files can be compared: that of this very
# process is now, if it is one that tells the time at all.
find_document() {
    folder=$root${agent:+/agents}/roles/$key generation='' of='' cache='' document=''
    read_rendered "$folder/@process" && [ -n "$document" ] && [ "$of" = "$key" ] && [ -f "$folder/@$generation" ] && [ -f "$cache" ] || return
    [ ! "$cache" -nt "$folder/@$generation" ] || return
    now=/proc/self
    [ -d "$now" ] || { now=$root/now && : >"$now" || return; }
    [ "$now" -nt "$folder/@$generation" ] && [ "$folder/@$generation.due" -nt "$now" ]
}

# --- [answer] -----------------------------------------------------------------------------------
if [ "${HOME-}:${XDG_STATE_HOME-}:${XDG_CONFIG_HOME-}" = "$places" ] && find_agent "$@" && find_role && settings_are_current && find_document && config_is_known; then
    printf '%s\n' "$document"
else
    program
fi
