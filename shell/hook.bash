# ssoenv for bash 3.2 and newer: the role of the directory you are in, and nothing left behind.
# shellcheck disable=SC2016,SC2034,SC2050,SC2128,SC2178 # text for eval; variables for children; [[ a != A ]] tells nocasematch
# In ~/.bashrc, at its end:  eval "$(ssoenv hook bash)"
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.

# What a variable of the environment says is no state of ours: it goes, whatever its name. Only this text
# makes an array of that one, which no environment can hold.
[[ ${__ssoenv_loaded[1]-} == "$$" ]] || for __ssoenv_v in "${!__ssoenv_@}"; do \builtin unset -v "$__ssoenv_v"; done
\builtin unset -v __ssoenv_v
# Nothing of this is exported under `set -a`, nor shown to a trace, nor ended by `set -e`. At its end they are back.
if [[ -z ${__ssoenv_renewed-} ]]; then
    __ssoenv_options=$- __ssoenv_nocase=''
    case $- in *[aekuvxT]*) { \builtin set +aekuvxT; } 2>/dev/null ;; esac
    [[ a != A ]] || { __ssoenv_nocase=1 && \builtin shopt -u nocasematch; }
    \builtin export -n __ssoenv_options __ssoenv_nocase
fi

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`. Unlike fish: a function, so that the words
# are parsed once and cannot be changed by a variable of the environment.
__ssoenv_settings() {
    __ssoenv_root=__SSOENV_STATE__
    __ssoenv_config=__SSOENV_CONFIG__
    __ssoenv_config_folder=${__ssoenv_config%/*}
    __ssoenv_commands=(__SSOENV_COMMANDS__)
    __ssoenv_agents=(__SSOENV_AGENTS__)
    __ssoenv_agent_marks=(__SSOENV_MARKS__)
}
__ssoenv_program() { \command __SSOENV_EXE__ "$@"; }

# --- [state] ------------------------------------------------------------------------------------
# What this shell knows between prompts. None of it is exported, and none of it is a secret.
#   __ssoenv_root, _config, _config_folder, _commands, _agents, _agent_marks: the settings above; __ssoenv_loaded is the process
#                      that read this text, __ssoenv_renewed that it had the program write it anew, and
#                      __ssoenv_defined the names that it made functions of; __ssoenv_options and _nocase are the
#                      options that were put aside for it
#   __ssoenv_agent     stands before the mode of a role where a coding agent owns this shell, so that no key is ever
#                      put here; and __ssoenv_store is where credentials are, its own or the person's
#   __ssoenv_state     none, blocked, armed or live
#   __ssoenv_why       why blocked: new, changed, invalid, foreign, settings, never, agents, or a variable that is stuck;
#                      yours: no role of ours, because the user has set one of their own here
#   __ssoenv_pwd       the directory that was looked at last; '' has everything looked at anew
#   __ssoenv_f, _dir   the binding file that applies there, and its directory ('' for /)
#   __ssoenv_p, _trust, _role: the project that is being looked at, what is rendered for it, and for its role
#   __ssoenv_seen      the bytes of that file, and __ssoenv_trusted those that its rendering is of
#   __ssoenv_bound     the project whose rendering was read last: kept after leaving it, for coming
#                      back; __ssoenv_generation, _default, _names and _table are what it says
#   __ssoenv_name, _key, _label, _managed, _region, _output, _mode, _protect, _refusal: the chosen
#                      profile of it
#   __ssoenv_live_generation, _live_key, _deadline, _cache_file: the credentials that were read last
#   __ssoenv_applied   what the exported variables were made from; differs: they are made anew
#   __ssoenv_applied_dir  the project whose variables they are
#   __ssoenv_put_key, _put_role, _put_region, _put_output, _put_label: what we exported last, to know
#                      it again
#   __ssoenv_past      the region of the role before, until the next prompt
#   __ssoenv_puts      the environment as the last look left it: if it differs, somebody changed it; and
#                      __ssoenv_set which of those variables were set, a letter for each
#   __ssoenv_kept      names of the user's own variables, put away in __ssoenv_old_NAME until we leave;
#                      those in __ssoenv_plain were not exported
#   __ssoenv_inside    whether something of the user's is around this look, and so may have variables for itself
#   __ssoenv_covered   names that a scope of the user's covers, while they were put or taken away below it;
#                      __ssoenv_export and _unexport are the words that do that
#   __ssoenv_lent      our regions that another tool, such as direnv, may have saved as the user's, and
#                      __ssoenv_diff what that tool said when we looked last
#   __ssoenv_choice, _choice_dir, _before: the profile that `ssoenv use` chose, where, and the one before
#   __ssoenv_loose     the key of a role for wherever no project is, ssoenv use ACCOUNT/ROLE; and
#                      __ssoenv_loosed that of the one before
#   __ssoenv_allowed   the protected role that this shell may use, until __ssoenv_until, while the file
#                      __ssoenv_yes is there: a sign-out takes every yes away
#   __ssoenv_test      the function that tells whether nothing has changed; __ssoenv_shape_none
#                      and __ssoenv_shape_bound are what it was made for where no file applies, and where
#                      one does, and __ssoenv_text_none and __ssoenv_text_bound what it was made of
#   __ssoenv_followed  functions of the user's that are looked after: they change directory by the builtin
#   __ssoenv_quiet     how many prompts have found nothing changed
#   __ssoenv_withheld  whether this shell's own choice may not act, and programs find that out
#   __ssoenv_kind      what stands where the settings would, and __ssoenv_config_seen the bytes of it
#   __ssoenv_hook      the file of this hook in the state folder, if it was there at the start
#   __ssoenv_asked     what the program has seen to already, so that it is not started again for it; and
#                      __ssoenv_invalid: of that, what it found to be invalid
#   __ssoenv_news, _said  whether there is something to tell, and what was told last
#   __ssoenv_segment   what the prompt shows, and __ssoenv_style how; __ssoenv_early is how many
#                      seconds before the deadline it has to change
#   __ssoenv_next, _wanted, _vars, _probe, _read, _same, _shape, _reply, _code, _stuck, _absent: between the
#                      steps of one look: the state that is coming, the profile before, the names that are
#                      exported, three parts of the text of the test, what it is made for, what was read
#                      last, the status that the prompt shows, a variable of the user's that cannot be
#                      changed, and whether the file of this hook is gone
#   __ssoenv_keys, _ours, _watched: names of variables: of credentials, of all that may be put away, and of
#                      those that the test compares, with __ssoenv_letters; __ssoenv_environment and __ssoenv_which are
#                      the texts of them, and __ssoenv_config_known one of the next three; and
#                      __ssoenv_no_profile and _no_keys are words for `env`
#   __ssoenv_aws, _aws_by, _looked: the AWS config that counts, as a live role was last looked at; the variables that
#                      say so; and what notes that it was looked at
#   __ssoenv_size, _config_size, _due: numbers of the test: bytes to be read of either file, and the deadline
#   __ssoenv_now, _epoch, _turn: the clock; when this shell started, before bash 4.2; and a count
__ssoenv_reset() {
    __ssoenv_state=none __ssoenv_why='' __ssoenv_dir='' __ssoenv_pwd='' __ssoenv_seen='' __ssoenv_f=''
    __ssoenv_applied='' __ssoenv_applied_dir='' __ssoenv_puts='' __ssoenv_set='' __ssoenv_kind='' __ssoenv_config_seen=''
    __ssoenv_put_key='' __ssoenv_put_region='' __ssoenv_put_output='' __ssoenv_put_label='' __ssoenv_put_role=''
    __ssoenv_stuck='' __ssoenv_generation='' __ssoenv_default='' __ssoenv_names='' __ssoenv_table=''
    __ssoenv_name='' __ssoenv_key='' __ssoenv_label='' __ssoenv_managed='' __ssoenv_refusal=''
    __ssoenv_region='' __ssoenv_output='' __ssoenv_mode='' __ssoenv_protect=''
    __ssoenv_live_generation='' __ssoenv_live_key='' __ssoenv_deadline=0 __ssoenv_cache_file='' __ssoenv_role=''
    __ssoenv_choice='' __ssoenv_choice_dir='' __ssoenv_before='' __ssoenv_news='' __ssoenv_said=''
    __ssoenv_now=0 __ssoenv_epoch='' __ssoenv_asked='' __ssoenv_invalid='' __ssoenv_turn=0 __ssoenv_lent='' __ssoenv_diff='' __ssoenv_size=0 __ssoenv_due=0
    __ssoenv_export=(export) __ssoenv_unexport=(export -n)
    # Unlike zsh: whatever a scope has for itself, the user's and ours are global.
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || __ssoenv_export=(declare -gx) __ssoenv_unexport=(declare -g +x)
    __ssoenv_followed=''
    # What a prompt sets under the user's own options: an array is in no environment, not even under `set -a`.
    __ssoenv_reply=('') __ssoenv_code=(0) __ssoenv_quiet=(0) __ssoenv_past=('') __ssoenv_kept=('') __ssoenv_plain=(' ')
    __ssoenv_vars='' __ssoenv_inside='' __ssoenv_covered='' __ssoenv_next='' __ssoenv_wanted='' __ssoenv_p='' __ssoenv_trust='' __ssoenv_probe='' __ssoenv_absent='' __ssoenv_shape='' __ssoenv_read='' __ssoenv_same='' __ssoenv_config_size=0 __ssoenv_text_none='' __ssoenv_text_bound=''
    __ssoenv_aws='' __ssoenv_aws_by='' __ssoenv_looked=''
    __ssoenv_loose='' __ssoenv_loosed='' __ssoenv_bound='' __ssoenv_trusted='' __ssoenv_allowed='' __ssoenv_yes='' __ssoenv_until=0 __ssoenv_withheld='' __ssoenv_segment='' __ssoenv_style='' __ssoenv_early=0
}

# --- [clock] ------------------------------------------------------------------------------------
# The time, in __ssoenv_now, in seconds since the epoch.
__ssoenv_clock() { # Unlike zsh: EPOCHSECONDS came with bash 5.0, and the user may have unset it.
    if [[ -n ${EPOCHSECONDS-} ]]; then
        __ssoenv_now=$EPOCHSECONDS
    elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
        \builtin printf -v __ssoenv_now '%(%s)T' -1
    else # one process per shell, then the shell's own count
        [[ -n $__ssoenv_epoch ]] || __ssoenv_epoch=$(($(\command date +%s) - SECONDS))
        __ssoenv_now=$((__ssoenv_epoch + SECONDS))
    fi
}

# --- [variables] --------------------------------------------------------------------------------
# All that knows the names of variables: what somebody else needs of them is a function here.
__ssoenv_keys='AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE'
__ssoenv_ours="$__ssoenv_keys AWS_SECURITY_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT"
# What a parent shell or a tmux server exported, and marked as its own, is ours to take away.
__ssoenv_adopt() {
    case " ${SSOENV_VARS-} " in *' AWS_ACCESS_KEY_ID '*) __ssoenv_put_key=${AWS_ACCESS_KEY_ID-} ;; esac
    case " ${SSOENV_VARS-} " in *' AWS_REGION '*) __ssoenv_put_region=${AWS_REGION-} ;; esac
    case " ${SSOENV_VARS-} " in *' AWS_DEFAULT_OUTPUT '*) __ssoenv_put_output=${AWS_DEFAULT_OUTPUT-} ;; esac
    [[ ${SSOENV_LENT-} == *[!a-z0-9\ -]* ]] || __ssoenv_lent=${SSOENV_LENT-}
    __ssoenv_diff=${DIRENV_DIFF-}${__MISE_DIFF-}
    [[ -z ${AWS_ACCESS_KEY_ID-} ]] || ! __ssoenv_is_key "$AWS_ACCESS_KEY_ID" || __ssoenv_vars=$__ssoenv_keys
    [[ -z ${AWS_PROFILE-} ]] || ! __ssoenv_is_profile "$AWS_PROFILE" || __ssoenv_vars="$__ssoenv_vars AWS_PROFILE"
    [[ -z $__ssoenv_put_region ]] || __ssoenv_vars="$__ssoenv_vars AWS_REGION AWS_DEFAULT_REGION"
    [[ -z $__ssoenv_put_output ]] || __ssoenv_vars="$__ssoenv_vars AWS_DEFAULT_OUTPUT"
    __ssoenv_applied=inherited __ssoenv_puts=inherited
}
# All that tells whether somebody changed what we made: the value of each of these; and of those that
# may be a secret, whether it is set. As text for eval, since a loop is slow. Beside it the text of which
# of them are set at all, a letter for each.
__ssoenv_watched=(AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION SSOENV_LABEL SSOENV_DIR
    AWS_SSO_PROFILE AWS_CREDENTIAL_EXPIRATION)
__ssoenv_letters=(AWS_ACCESS_KEY_ID a AWS_PROFILE b AWS_DEFAULT_PROFILE c AWS_REGION d AWS_DEFAULT_REGION e SSOENV_LABEL f SSOENV_DIR g
    AWS_SSO_PROFILE h AWS_CREDENTIAL_EXPIRATION i AWS_SECRET_ACCESS_KEY j AWS_SESSION_TOKEN k SSOENV_VARS l)
__ssoenv_watch() {
    \builtin printf -v __ssoenv_environment '$%s,' "${__ssoenv_watched[@]}"
    \builtin printf -v __ssoenv_which '${%s+%s}' "${__ssoenv_letters[@]}"
    __ssoenv_environment=",$__ssoenv_environment\${AWS_SECRET_ACCESS_KEY+j}\${AWS_SESSION_TOKEN+k}\${SSOENV_VARS+l}"
    \builtin eval "__ssoenv_snapshot() {
        __ssoenv_puts=$__ssoenv_environment __ssoenv_set=$__ssoenv_which __ssoenv_diff=\${DIRENV_DIFF-}\${__MISE_DIFF-}
    }
    __ssoenv_snapshotted() { [[ $__ssoenv_environment == \"\$__ssoenv_puts\" ]]; }"
}
__ssoenv_watch
# Whether the AWS config is the one that was looked at, by its time, and has the session of the chosen role: that may
# mean another Identity Center by now, or none. The folder knows no way back to a folder above.
__ssoenv_knows_config() {
    __ssoenv_aws_by=${AWS_CONFIG_FILE-}:${HOME-} __ssoenv_aws=${AWS_CONFIG_FILE:-${HOME-}/.aws/config}
    __ssoenv_looked=$__ssoenv_root/configs/${__ssoenv_key%%/*}$__ssoenv_aws
    [[ $__ssoenv_aws == /* && $__ssoenv_aws != */../* && -f $__ssoenv_looked && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws ]]
}
# The same of one that is known, for the test: where the config is gone, what notes it counts as newer.
__ssoenv_config_known='$AWS_CONFIG_FILE:$HOME == "$__ssoenv_aws_by" && -f $__ssoenv_looked && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws'
# Whether the keys with this id are ours, wherever they come from: the state folder knows every one
# that we have handed out. Those that `ssoenv exec` or `export` gave on purpose are the user's.
__ssoenv_is_key() { # ID
    [[ -n $1 ]] || \builtin return
    [[ $1 == "$__ssoenv_put_key" ]] || [[ $1 != *[!A-Za-z0-9]* && $1 != "${SSOENV_GIVEN-}" && -f $__ssoenv_root/keys/$1 ]]
}
__ssoenv_has_key() { __ssoenv_is_key "${AWS_ACCESS_KEY_ID-}"; }
__ssoenv_has_key_of() { # FILE: of the credentials of a role
    \builtin local __ssoenv_line
    __ssoenv_lines "$1"
    [[ ${AWS_ACCESS_KEY_ID-} == "${__ssoenv_line[5]-}" ]]
}
__ssoenv_is_profile() { # NAME: ours, or one of an earlier version, which a program may still have
    [[ $1 == ssoenv || $1 == ssoenv/* || $1 == ssoenv-protected/* ]]
}
__ssoenv_has_profile() { __ssoenv_is_profile "${AWS_PROFILE-}"; }
# Whether the chosen profile is there as one that has credentials fetched.
__ssoenv_waits() {
    [[ ${AWS_PROFILE-} == "$__ssoenv_managed" || (-z ${AWS_PROFILE-} && " $__ssoenv_covered " == *' AWS_PROFILE '*) ]]
}
# Words for `env`, and whether WORD, which is one, gives a profile.
__ssoenv_no_profile=(-u AWS_PROFILE)
__ssoenv_no_keys=(-u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN)
__ssoenv_is_given_profile() { # WORD
    [[ $1 == AWS_PROFILE=?* || $1 == AWS_DEFAULT_PROFILE=?* ]]
}
# Whether the user has set a role of their own in this shell.
__ssoenv_theirs() {
    if [[ -n ${AWS_PROFILE-} ]] && ! __ssoenv_is_profile "$AWS_PROFILE"; then \builtin return 0; fi
    if [[ -n ${AWS_DEFAULT_PROFILE-} ]] && ! __ssoenv_is_profile "$AWS_DEFAULT_PROFILE"; then \builtin return 0; fi
    [[ -n ${AWS_ACCESS_KEY_ID-} ]] && ! __ssoenv_is_key "$AWS_ACCESS_KEY_ID"
}
# Whether what is started reaches its model through AWS, by what the pages of Claude Code and of goose have one set.
__ssoenv_reaches_aws() {
    \builtin local __ssoenv_v
    [[ ${GOOSE_PROVIDER-} != aws_bedrock ]] || \builtin return 0
    for __ssoenv_v in "${CLAUDE_CODE_USE_BEDROCK-}" "${CLAUDE_CODE_USE_MANTLE-}" "${CLAUDE_CODE_USE_ANTHROPIC_AWS-}"; do
        case $__ssoenv_v in '' | 0 | [Ff][Aa][Ll][Ss][Ee]) ;; *) \builtin return 0 ;; esac
    done
    \builtin return 1
}
# In a process of its own: what a coding agent gets in place of our keys is the profile, which each program asks by
# itself. An agent that reaches its model through AWS has what the user had before they came here; then the
# profile is there only where that was no role.
__ssoenv_hand_over() {
    \builtin local __ssoenv_v IFS
    IFS=' ' __ssoenv_v=''
    # shellcheck disable=SC2086 # these are names
    __ssoenv_unset $__ssoenv_keys AWS_SECURITY_TOKEN SSOENV_GIVEN
    # What a scope covers without a value of its own would be handed on all the same.
    [[ -z $__ssoenv_inside ]] || __ssoenv_clear_below "$__ssoenv_keys AWS_SECURITY_TOKEN SSOENV_GIVEN"
    ! __ssoenv_has_profile || __ssoenv_unset AWS_PROFILE
    if __ssoenv_reaches_aws; then
        # A key for Bedrock alone is no role, and is enough.
        # shellcheck disable=SC2086
        [[ -n ${AWS_BEARER_TOKEN_BEDROCK-} ]] || __ssoenv_give $__ssoenv_keys AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE SSOENV_GIVEN
        if [[ $__ssoenv_kept == *_REGION* && "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" == "$__ssoenv_put_region $__ssoenv_put_region" ]]; then
            __ssoenv_unset AWS_REGION AWS_DEFAULT_REGION
            __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
        fi
        __ssoenv_v=${AWS_WEB_IDENTITY_TOKEN_FILE-}${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-}${AWS_CONTAINER_CREDENTIALS_FULL_URI-}
    fi
    if [[ -n $__ssoenv_v ]] || __ssoenv_theirs; then
        __ssoenv_v=''
    else
        \builtin "${__ssoenv_export[@]}" AWS_PROFILE=ssoenv
        __ssoenv_v=AWS_PROFILE
    fi
    [[ -z $__ssoenv_put_region || "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" != "$__ssoenv_put_region $__ssoenv_put_region" ]] || __ssoenv_v="$__ssoenv_v AWS_REGION AWS_DEFAULT_REGION"
    [[ -z $__ssoenv_put_output || ${AWS_DEFAULT_OUTPUT-} != "$__ssoenv_put_output" ]] || __ssoenv_v="$__ssoenv_v AWS_DEFAULT_OUTPUT"
    [[ -z ${SSOENV_VARS+x} ]] || \builtin "${__ssoenv_export[@]}" SSOENV_VARS="$__ssoenv_v"
}
# Take away what is ours, however it came here. What the user has put in its place stays. The usual two
# cases first: everything is as we left it, and nothing is there that could be ours.
__ssoenv_drop() {
    [[ -z $__ssoenv_covered || -n $__ssoenv_inside ]] || __ssoenv_come_free
    if [[ -n $__ssoenv_put_key && -n $__ssoenv_put_region && "${AWS_ACCESS_KEY_ID-} ${AWS_REGION-} ${AWS_DEFAULT_REGION-} ${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWS_DEFAULT_OUTPUT-} ${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_SSO_PROFILE+x}${SSOENV_DIR+x}${SSOENV_LABEL+x}${SSOENV_VARS+x}" == "$__ssoenv_put_key $__ssoenv_put_region $__ssoenv_put_region  xxxxxxx" ]]; then
        \builtin unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE SSOENV_GIVEN AWS_REGION AWS_DEFAULT_REGION SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
        [[ -z ${AWS_ACCESS_KEY_ID+x}${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_SSO_PROFILE+x}${AWS_REGION+x}${AWS_DEFAULT_REGION+x}${SSOENV_DIR+x}${SSOENV_LABEL+x}${SSOENV_VARS+x}${SSOENV_PROFILE+x}${SSOENV_USE+x} ]] ||
            __ssoenv_unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE AWS_REGION AWS_DEFAULT_REGION SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE
        __ssoenv_past=$__ssoenv_put_region
    elif [[ -z ${AWS_ACCESS_KEY_ID-}${AWS_SECRET_ACCESS_KEY-}${AWS_SESSION_TOKEN-}${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWS_REGION-}${AWS_DEFAULT_REGION-}${AWS_DEFAULT_OUTPUT-}${AWS_SSO_PROFILE-}${AWS_CREDENTIAL_EXPIRATION-}${SSOENV_DIR-}${SSOENV_LABEL-}${SSOENV_VARS-}${SSOENV_PROFILE-}${SSOENV_USE-}${SSOENV_LENT-}$__ssoenv_put_key$__ssoenv_put_region$__ssoenv_put_output$__ssoenv_applied ]]; then
        \builtin return 0
    else
        __ssoenv_look_and_drop
    fi
    # With localvar_unset, and where a scope covers it, taking one away leaves the one around.
    [[ -z $__ssoenv_applied || -z $__ssoenv_inside ]] || __ssoenv_clear_below "$__ssoenv_vars SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT"
    __ssoenv_put_key='' __ssoenv_put_region='' __ssoenv_put_output='' __ssoenv_put_label='' __ssoenv_applied=''
}
# Unlike zsh: after `local NAME` alone that variable is not set, and programs get the one around all the same.
# What covers it is the user's, and stays as it is: the global one below is made empty, and is no longer exported.
# One that has been left in a scope between (or in any, before bash 4.4) is reached by taking away what covers it.
__ssoenv_clear_below() { # NAMES
    \builtin local __ssoenv_v __ssoenv_scopes IFS
    IFS=' '
    for __ssoenv_v in $1; do
        __ssoenv_is_covered "$__ssoenv_v" || continue
        __ssoenv_covered="$__ssoenv_covered $__ssoenv_v"
        [[ ${__ssoenv_export[0]} != declare ]] || \builtin declare -g +x "$__ssoenv_v=" 2>/dev/null || :
        if \command printenv "$__ssoenv_v" >/dev/null 2>&1; then
            __ssoenv_scopes=0
            while [[ -z ${!__ssoenv_v+x} ]] && ((__ssoenv_scopes++ < 99)); do \builtin unset -v "$__ssoenv_v" 2>/dev/null || \builtin break; done
            __ssoenv_unset "$__ssoenv_v"
        fi
    done
}
__ssoenv_is_covered() { # NAME: it is not set, and yet there
    [[ -z ${!1+x} ]] && \builtin declare -p "$1" >/dev/null 2>&1
}
# The scope is over: what was made empty below it goes.
__ssoenv_come_free() {
    \builtin local __ssoenv_v IFS
    IFS=' '
    for __ssoenv_v in $__ssoenv_covered; do
        [[ -z ${!__ssoenv_v+x} || -n ${!__ssoenv_v} ]] || \builtin unset -v "$__ssoenv_v" 2>/dev/null || :
    done
    __ssoenv_covered=''
}
__ssoenv_look_and_drop() {
    \builtin local __ssoenv_gone IFS
    __ssoenv_gone='' IFS=' '
    if [[ -n ${AWS_ACCESS_KEY_ID-}$__ssoenv_put_key ]]; then
        # Where a scope covers the id alone, what goes with it is ours; by its file nobody can tell after a sign-out.
        if __ssoenv_is_key "${AWS_ACCESS_KEY_ID-}" || { [[ -n $__ssoenv_inside && -n $__ssoenv_put_key ]] && __ssoenv_is_covered AWS_ACCESS_KEY_ID; }; then
            __ssoenv_gone="$__ssoenv_keys SSOENV_GIVEN"
        elif [[ -n $__ssoenv_put_role ]]; then
            __ssoenv_remains "$__ssoenv_put_role/@role"
        fi
        [[ -z $__ssoenv_put_label || ${AWS_SSO_PROFILE-} != "$__ssoenv_put_label" ]] || __ssoenv_gone="$__ssoenv_gone AWS_SSO_PROFILE"
    elif [[ -n ${AWS_SECRET_ACCESS_KEY-}${AWS_SESSION_TOKEN-}${AWS_CREDENTIAL_EXPIRATION-}${AWS_SSO_PROFILE-} && -n $__ssoenv_put_role ]]; then
        __ssoenv_remains "$__ssoenv_put_role/@role" # a scope has uncovered them when it ended
    fi
    ! __ssoenv_has_profile || __ssoenv_gone="$__ssoenv_gone AWS_PROFILE"
    if [[ -n ${AWS_DEFAULT_PROFILE-}${AWS_DEFAULT_OUTPUT-} ]]; then
        ! __ssoenv_is_profile "${AWS_DEFAULT_PROFILE-}" || __ssoenv_gone="$__ssoenv_gone AWS_DEFAULT_PROFILE"
        [[ -z $__ssoenv_put_output || ${AWS_DEFAULT_OUTPUT-} != "$__ssoenv_put_output" ]] || __ssoenv_gone="$__ssoenv_gone AWS_DEFAULT_OUTPUT"
    fi
    if [[ -n $__ssoenv_put_region && "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" == "$__ssoenv_put_region $__ssoenv_put_region" ]]; then
        __ssoenv_gone="$__ssoenv_gone AWS_REGION AWS_DEFAULT_REGION" __ssoenv_past=$__ssoenv_put_region
    elif [[ -n ${AWS_REGION-}${AWS_DEFAULT_REGION-} ]]; then
        __ssoenv_is_region "${AWS_REGION-}" && __ssoenv_gone="$__ssoenv_gone AWS_REGION"
        __ssoenv_is_region "${AWS_DEFAULT_REGION-}" && __ssoenv_gone="$__ssoenv_gone AWS_DEFAULT_REGION"
        # Whoever has set another one may have saved ours.
        [[ -z $__ssoenv_put_region || "$__ssoenv_lent " == *" $__ssoenv_put_region "* ]] || __ssoenv_lent="$__ssoenv_lent $__ssoenv_put_region"
        __ssoenv_past=${__ssoenv_put_region:-$__ssoenv_past}
    elif [[ -n $__ssoenv_put_region ]]; then
        __ssoenv_past=$__ssoenv_put_region # an empty one of a scope may cover it
    fi
    # shellcheck disable=SC2086 # these are names
    __ssoenv_unset $__ssoenv_gone SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
}
# Each `unset` takes the variable of one scope only: what a word before `cd` has may cover ours.
__ssoenv_unset() { # NAME...
    while (($#)); do
        while [[ -n ${!1+x} ]]; do \builtin unset -v "$1" 2>/dev/null || \builtin break; done
        \builtin shift
    done
}
# Where the user has set a key id of their own, name what still is of ours beside it.
__ssoenv_remains() { # FILE
    \builtin local __ssoenv_line
    __ssoenv_lines "$1"
    [[ ${AWS_SECRET_ACCESS_KEY-} != "${__ssoenv_line[6]-}" ]] || __ssoenv_gone="$__ssoenv_gone AWS_SECRET_ACCESS_KEY"
    [[ ${AWS_SESSION_TOKEN-} != "${__ssoenv_line[7]-}" ]] || __ssoenv_gone="$__ssoenv_gone AWS_SESSION_TOKEN"
    [[ ${AWS_CREDENTIAL_EXPIRATION-} != "${__ssoenv_line[8]-}" ]] || __ssoenv_gone="$__ssoenv_gone AWS_CREDENTIAL_EXPIRATION"
    [[ ${AWS_SSO_PROFILE-} != "$__ssoenv_label" ]] || __ssoenv_gone="$__ssoenv_gone AWS_SSO_PROFILE"
}
# A scope may uncover the region of the role before, until the next prompt; and another tool may give
# one back that it has saved, which shows in what that tool says of itself.
__ssoenv_is_region() { # VALUE
    [[ -n $1 && ($1 == "$__ssoenv_put_region" || $1 == "${__ssoenv_past% }" || (
        "$__ssoenv_lent " == *" $1 "* && ${DIRENV_DIFF-}${__MISE_DIFF-} != "$__ssoenv_diff")) ]]
}
# The next prompt is there: what was to be known of the role before, and given back, is over.
__ssoenv_forget() {
    __ssoenv_past=''
    [[ -n $__ssoenv_applied_dir ]] || __ssoenv_kept='' __ssoenv_plain=' '
}
# Whether NAME was in the environment at the last look, with this VALUE: else it belongs to a scope, such
# as that of `AWS_PROFILE=x cd dir`, and ends with it.
__ssoenv_was_there() { # NAME [VALUE]
    \builtin local __ssoenv_v __ssoenv_n
    __ssoenv_n=0
    [[ $__ssoenv_puts != inherited ]] || \builtin return 0
    for __ssoenv_v in "${__ssoenv_letters[@]}"; do
        ((++__ssoenv_n))
        [[ $__ssoenv_v != "$1" ]] || \builtin break
    done
    [[ $__ssoenv_set == *"${__ssoenv_letters[__ssoenv_n]}"* && ($# -eq 1 || $__ssoenv_puts == *",$2,"*) ]]
}
# Whether NAME, which is set, is global: a mark without a meaning, on the global one, shows. Before bash 4.4 nobody
# can tell, so there it must have been in the environment at the last look.
__ssoenv_is_global() { # NAME VALUE
    \builtin local __ssoenv_v
    if [[ ${__ssoenv_export[0]} != declare ]]; then
        case $1 in
        AWS_SECRET_ACCESS_KEY | AWS_SESSION_TOKEN) __ssoenv_was_there "$1" ;;
        AWS_ACCESS_KEY_ID | AWS_PROFILE | AWS_DEFAULT_PROFILE | AWS_SSO_PROFILE | AWS_CREDENTIAL_EXPIRATION | *_REGION) __ssoenv_was_there "$1" "$2" ;;
        esac
        \builtin return
    fi
    \builtin declare -gt "$1" 2>/dev/null || :
    \builtin eval "__ssoenv_v=\${$1@a}"
    \builtin declare -g +t "$1" 2>/dev/null || :
    [[ $__ssoenv_v == *t* ]]
}
# Put the user's own values away, of the variables NAME..., so that leaving gives them back: what is global, not
# what a scope has, such as that of `AWS_PROFILE=x cd dir`, and ends with it.
__ssoenv_keep() { # NAME...
    \builtin local __ssoenv_value __ssoenv_is_plain __ssoenv_mine __ssoenv_own __ssoenv_seen_one
    __ssoenv_mine=''
    while (($#)); do
        __ssoenv_own='' __ssoenv_seen_one=''
        # Each `unset` uncovers the variable of the scope around.
        while [[ -n ${!1+x} ]]; do
            __ssoenv_value=${!1} __ssoenv_is_plain='' __ssoenv_own='' __ssoenv_seen_one=1
            ! __ssoenv_is_global "$1" "$__ssoenv_value" || __ssoenv_own=1
            # Unlike zsh: older shells cannot tell, so there a variable counts as exported.
            if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
                \builtin eval "[[ \${$1@a} == *x* ]]" || __ssoenv_is_plain=1
            fi
            if ! \builtin unset -v "$1" 2>/dev/null; then
                __ssoenv_stuck="$1 is readonly in this shell"
                \builtin break
            fi
        done
        # What is exported below a scope that has no value for it: programs get that.
        if [[ -n $__ssoenv_inside ]] && __ssoenv_is_covered "$1" && __ssoenv_value=$(\command printenv "$1"); then
            __ssoenv_own=1 __ssoenv_seen_one=1 __ssoenv_is_plain=''
            __ssoenv_clear_below "$1"
        fi
        case $1 in
        AWS_ACCESS_KEY_ID) [[ -z $__ssoenv_seen_one ]] || { [[ -n $__ssoenv_own ]] && ! __ssoenv_is_key "$__ssoenv_value"; } || __ssoenv_mine=1 ;;
        AWS_PROFILE | AWS_DEFAULT_PROFILE) [[ -n $__ssoenv_own ]] && ! __ssoenv_is_profile "$__ssoenv_value" || __ssoenv_own='' ;;
        *_REGION) [[ -n $__ssoenv_own ]] && ! __ssoenv_is_region "$__ssoenv_value" || __ssoenv_own='' ;;
        esac
        [[ -z $__ssoenv_mine || " $__ssoenv_keys SSOENV_GIVEN " != *" $1 "* ]] || __ssoenv_own=''
        if [[ -n $__ssoenv_own && -z $__ssoenv_stuck ]]; then
            \builtin printf -v "__ssoenv_old_$1" %s "$__ssoenv_value"
            [[ " $__ssoenv_kept " == *" $1 "* ]] || __ssoenv_kept="$__ssoenv_kept $1"
            __ssoenv_plain=${__ssoenv_plain/" $1 "/ }
            [[ -z $__ssoenv_is_plain ]] || __ssoenv_plain="$__ssoenv_plain$1 "
        fi
        \builtin shift
    done
}
# Give the user's own variables NAME... back, where nothing has taken their place.
__ssoenv_give() { # NAME...
    \builtin local __ssoenv_o
    while (($#)); do
        __ssoenv_o=__ssoenv_old_$1
        if [[ -n ${!__ssoenv_o+x} && -z ${!1+x} ]]; then
            \builtin "${__ssoenv_export[@]}" "$1=${!__ssoenv_o}"
            [[ $__ssoenv_plain != *" $1 "* ]] || \builtin "${__ssoenv_unexport[@]}" "$1"
            \builtin unset -v "$__ssoenv_o"
            __ssoenv_kept=" $__ssoenv_kept " __ssoenv_kept=${__ssoenv_kept/" $1 "/ }
        fi
        \builtin shift
    done
}
# Nothing of ours beside a role that the user has set here.
__ssoenv_make_way() {
    __ssoenv_drop
    __ssoenv_give AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
}
# Leave: nothing of ours stays, and the user has what they had, unless they have changed it since.
__ssoenv_leave() {
    __ssoenv_drop
    if [[ $__ssoenv_kept == *[!\ ]* ]]; then
        \builtin local IFS
        IFS=' '
        # shellcheck disable=SC2086 # these are names
        __ssoenv_give $__ssoenv_kept
        # What something else has taken the place of may come free until the next prompt.
        __ssoenv_past="$__ssoenv_past "
    fi
    __ssoenv_applied_dir=''
}
# Clear first, export second: whatever fails, nothing runs with the role of before.
__ssoenv_apply() {
    \builtin local __ssoenv_r __ssoenv_o
    __ssoenv_r="$__ssoenv_region" __ssoenv_o="$__ssoenv_output"
    __ssoenv_drop
    if [[ -n $__ssoenv_inside${AWS_ACCESS_KEY_ID+x}${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_SECURITY_TOKEN+x}${AWS_PROFILE+x}${AWS_DEFAULT_PROFILE+x}${AWS_SSO_PROFILE+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_WEB_IDENTITY_TOKEN_FILE+x}${SSOENV_GIVEN+x} ]]; then
        __ssoenv_keep AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CREDENTIAL_EXPIRATION \
            AWS_SSO_PROFILE AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE SSOENV_GIVEN
    fi
    # A region or an output that the user has set since we came here is their word; outside of projects
    # any region of theirs is, for none of ours was written for the place, unless they named it to us.
    [[ $__ssoenv_p != @* || $__ssoenv_p == */region:* || -z $__ssoenv_kept ]] || __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    if [[ -n ${AWS_REGION+x}${AWS_DEFAULT_REGION+x} && ($__ssoenv_applied_dir == "$__ssoenv_p" || ($__ssoenv_p == @* && $__ssoenv_p != */region:*)) ]]; then
        __ssoenv_r='' __ssoenv_put_region=$__ssoenv_region
    elif [[ -z $__ssoenv_r ]]; then
        [[ -z $__ssoenv_kept ]] || __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    elif [[ -n $__ssoenv_inside${AWS_REGION+x}${AWS_DEFAULT_REGION+x} ]]; then
        __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
    fi
    if [[ -n ${AWS_DEFAULT_OUTPUT+x} && $__ssoenv_applied_dir == "$__ssoenv_p" ]]; then
        __ssoenv_o=''
    elif [[ -z $__ssoenv_o ]]; then
        [[ -z $__ssoenv_kept ]] || __ssoenv_give AWS_DEFAULT_OUTPUT
    elif [[ -n $__ssoenv_inside${AWS_DEFAULT_OUTPUT+x} ]]; then
        __ssoenv_keep AWS_DEFAULT_OUTPUT
    fi
    __ssoenv_live_generation='' __ssoenv_live_key='' __ssoenv_applied_dir=$__ssoenv_p
    if [[ -n $__ssoenv_stuck ]]; then
        __ssoenv_why=$__ssoenv_stuck __ssoenv_stuck='' __ssoenv_next=blocked
        \builtin return
    fi
    [[ $__ssoenv_next != blocked ]] || __ssoenv_withheld=1
    [[ -n $__ssoenv_withheld ]] || __ssoenv_live "$__ssoenv_role/@role"
    __ssoenv_vars='AWS_PROFILE'
    if [[ $__ssoenv_next != live || $__ssoenv_mode != keys ]]; then
        \builtin "${__ssoenv_export[@]}" AWS_PROFILE="$__ssoenv_managed"
    else
        __ssoenv_vars=$__ssoenv_keys
    fi
    if [[ -n $__ssoenv_r ]]; then
        __ssoenv_vars="$__ssoenv_vars AWS_REGION AWS_DEFAULT_REGION" __ssoenv_put_region=$__ssoenv_region
        \builtin "${__ssoenv_export[@]}" AWS_REGION="$__ssoenv_region" AWS_DEFAULT_REGION="$__ssoenv_region"
    fi
    if [[ -n $__ssoenv_o ]]; then
        __ssoenv_vars="$__ssoenv_vars AWS_DEFAULT_OUTPUT" __ssoenv_put_output=$__ssoenv_output
        \builtin "${__ssoenv_export[@]}" AWS_DEFAULT_OUTPUT="$__ssoenv_output"
    fi
    __ssoenv_applied="$__ssoenv_next:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice"
    \builtin "${__ssoenv_export[@]}" SSOENV_DIR="${__ssoenv_p:-/}" SSOENV_LABEL="$__ssoenv_label" SSOENV_VARS="$__ssoenv_vars" SSOENV_PROFILE="$__ssoenv_name"
    [[ -z $__ssoenv_lent ]] || \builtin "${__ssoenv_export[@]}" SSOENV_LENT="$__ssoenv_lent"
    # Only what a person chose in this shell is a choice for its children, in this project.
    [[ -z $__ssoenv_choice || $__ssoenv_choice_dir != "$__ssoenv_p" || $__ssoenv_choice != "$__ssoenv_name" ]] ||
        \builtin "${__ssoenv_export[@]}" SSOENV_USE="$__ssoenv_name"
    [[ -z $__ssoenv_inside ]] || __ssoenv_note_covered
}
# What was exported below a scope is not to be seen from here: until that is over, everything is looked at.
__ssoenv_note_covered() {
    \builtin local __ssoenv_v IFS
    IFS=' '
    for __ssoenv_v in $__ssoenv_vars SSOENV_DIR SSOENV_LABEL SSOENV_VARS; do
        [[ -n ${!__ssoenv_v+x} ]] || __ssoenv_covered="$__ssoenv_covered $__ssoenv_v"
    done
}
# Read the credentials of the chosen role, and export them if they may be here. Lines: header,
# generation, deadline, key of the role, seconds that a yes holds, id, secret, token, expiration,
# cache file. No command has them among its words.
__ssoenv_live() { # FILE
    \builtin local __ssoenv_line
    __ssoenv_lines "$1"
    [[ ${__ssoenv_line[0]-}:${__ssoenv_line[3]-} == "ssoenv 2:$__ssoenv_key" && ${__ssoenv_line[2]}x != *[!0-9]*x && -n ${__ssoenv_line[9]-} ]] || \builtin return 0
    __ssoenv_live_generation=${__ssoenv_line[1]} __ssoenv_live_key=$__ssoenv_key
    __ssoenv_deadline=${__ssoenv_line[2]} __ssoenv_cache_file=${__ssoenv_line[9]}
    if [[ -n ${__ssoenv_line[10]-} ]]; then # a folder on the way to it has a newline in its name
        \builtin local IFS
        IFS=$'\n'
        __ssoenv_cache_file="${__ssoenv_line[*]:9}"
    fi
    __ssoenv_now=${EPOCHSECONDS-}
    [[ -n $__ssoenv_now ]] || __ssoenv_clock
    # The settings may protect a role that was not known to be the one they mean.
    if [[ -n $__ssoenv_protect${__ssoenv_line[4]} ]]; then
        __ssoenv_protect=${__ssoenv_protect:-${__ssoenv_line[4]}}
        __ssoenv_may || \builtin return 0
        [[ __ssoenv_until -ge __ssoenv_deadline ]] || __ssoenv_deadline=$__ssoenv_until
    fi
    # The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
    [[ $__ssoenv_now -lt $__ssoenv_deadline && -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@$__ssoenv_live_generation ]] && __ssoenv_knows_config || \builtin return 0
    __ssoenv_next=live
    [[ $__ssoenv_mode == keys ]] || \builtin return 0
    __ssoenv_put_key=${__ssoenv_line[5]} __ssoenv_put_label=$__ssoenv_label __ssoenv_put_role=$__ssoenv_role
    \builtin "${__ssoenv_export[@]}" AWS_ACCESS_KEY_ID="${__ssoenv_line[5]}" AWS_SECRET_ACCESS_KEY="${__ssoenv_line[6]}" \
        AWS_SESSION_TOKEN="${__ssoenv_line[7]}" AWS_CREDENTIAL_EXPIRATION="${__ssoenv_line[8]}" AWS_SSO_PROFILE="$__ssoenv_label"
}

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
__ssoenv_binding() { # GENERATION DEFAULT NAMES PATHS TRUSTED AGENT
    # The profile for coding agents, or `!`, is all that an agent's shell knows.
    [[ -z $__ssoenv_agent || -z ${6-} ]] || \builtin set -- "$1" "$6" " $6 " '' "$5"
    __ssoenv_generation=$1 __ssoenv_default=$2 __ssoenv_names=$3 __ssoenv_table=$4 __ssoenv_trusted=$5 __ssoenv_name=$2
    [[ -z $4$__ssoenv_choice ]] || __ssoenv_select
}
__ssoenv_profile() { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT REFUSAL
    # With all nine words: a line that is cut off would say that nothing protects the role.
    [[ $# == 9 && $1 == "$__ssoenv_name" ]] || \builtin return 0
    __ssoenv_key=$2 __ssoenv_label=$3 __ssoenv_managed=$4
    __ssoenv_region=$5 __ssoenv_output=$6 __ssoenv_mode=$__ssoenv_agent$7 __ssoenv_protect=$8 __ssoenv_refusal=$9
}
# Read what is rendered in FOLDER, if it is our own and whole: its stamp is looked for after reading.
__ssoenv_load() { # FOLDER
    __ssoenv_generation='' __ssoenv_key=''
    [[ ! -O $1/@sh || ! -f $1/@sh || ! -r $1/@sh ]] || \builtin . "$1/@sh"
    [[ -n $__ssoenv_generation && -f $1/@$__ssoenv_generation ]] || __ssoenv_generation=''
}
# The lines of FILE, if it is our own, in the caller's __ssoenv_line.
__ssoenv_lines() { # FILE
    __ssoenv_line=()
    if [[ ! -O $1 || ! -f $1 || ! -r $1 ]]; then
        \builtin return 0
    elif ((BASH_VERSINFO[0] >= 4)); then # Unlike zsh: there is no mapfile before that.
        \builtin mapfile -t __ssoenv_line <"$1"
    else
        \builtin local __ssoenv_one
        while IFS= \builtin read -r __ssoenv_one || [[ -n $__ssoenv_one ]]; do
            __ssoenv_line[${#__ssoenv_line[@]}]=$__ssoenv_one
        done <"$1"
    fi
}

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
__ssoenv_sync() {
    "$__ssoenv_test" || __ssoenv_quietly __ssoenv_resync
    \builtin return 0
}
# No option of the user's reaches into FUNCTION. Those that do reach into what is outside of it: no word there may
# look like an assignment, as after `local`, for -k, and nothing may fail, but before `&&` and `||`, for -e and ERR.
__ssoenv_quietly() { # FUNCTION
    \builtin local __ssoenv_options __ssoenv_nocase
    __ssoenv_options=$- __ssoenv_nocase=''
    # Unlike zsh: under nocasematch even [[ a == A ]], so there nothing may be compared.
    [[ a != A ]] || { __ssoenv_nocase=1 && \builtin shopt -u nocasematch; }
    # Keys must not appear in a trace or to a trap, nor our variables in the environment of set -a.
    case $- in *[aekuvxT]*) { \builtin set +aekuvxT; } 2>/dev/null ;; esac
    # At a prompt, and where a wrapper was typed, at most one function is around that is not of ours alone.
    # Where FUNCNAME has been unset, nobody knows.
    __ssoenv_inside=1
    ((${#FUNCNAME[@]} < 2)) || [[ ${FUNCNAME[${#FUNCNAME[@]} - 2]} != __ssoenv_* ]] || __ssoenv_inside=''
    "$1" || :
    [[ -z $__ssoenv_nocase && $__ssoenv_options != *[aekuvxT]* ]] || __ssoenv_restore
}
# Unlike zsh: no option is local to a function. Those that show what is run come last.
__ssoenv_restore() {
    [[ $__ssoenv_options != *a* ]] || \builtin set -a
    [[ $__ssoenv_options != *e* ]] || \builtin set -e
    [[ $__ssoenv_options != *k* ]] || \builtin set -k
    [[ $__ssoenv_options != *u* ]] || \builtin set -u
    [[ $__ssoenv_options != *T* ]] || \builtin set -T
    [[ -z $__ssoenv_nocase ]] || \builtin shopt -s nocasematch
    case $__ssoenv_options in *v*) \builtin set -v ;; esac
    case $__ssoenv_options in *x*) \builtin set -x ;; esac
}
__ssoenv_resync() {
    __ssoenv_p=$PWD __ssoenv_f=$PWD __ssoenv_probe='' __ssoenv_next=none __ssoenv_kind=''
    [[ $PWD == /* ]] || __ssoenv_p='' # whatever somebody has set it to
    until [[ -f $__ssoenv_p/.ssoenv.toml ]]; do
        __ssoenv_probe="$__ssoenv_probe && ! -f $__ssoenv_p/.ssoenv.toml"
        [[ -n $__ssoenv_p ]] || { __ssoenv_f='' && \builtin break; }
        __ssoenv_p=${__ssoenv_p%/*}
    done
    [[ -z $__ssoenv_f ]] || __ssoenv_f=$__ssoenv_p/.ssoenv.toml
    __ssoenv_absent=''
    [[ -z $__ssoenv_hook || -f $__ssoenv_hook ]] || __ssoenv_absent=1 __ssoenv_f='' __ssoenv_loose=''
    [[ $PWD != *[!A-Za-z0-9/._@:+-]* ]] || __ssoenv_quote_probe
    __ssoenv_pwd=$PWD __ssoenv_why='' __ssoenv_news='' __ssoenv_seen='' __ssoenv_withheld=''
    if [[ -n $__ssoenv_f ]]; then
        __ssoenv_judge
    elif [[ -n $__ssoenv_loose && -f $__ssoenv_root/loose/$__ssoenv_loose/@sh ]]; then
        __ssoenv_p=@$__ssoenv_loose __ssoenv_trust=$__ssoenv_root/loose/$__ssoenv_loose __ssoenv_next=armed
        __ssoenv_current || __ssoenv_why=settings
        [[ $__ssoenv_bound == "$__ssoenv_p" && -n $__ssoenv_generation && -f $__ssoenv_trust/@$__ssoenv_generation ]] || __ssoenv_load "$__ssoenv_trust"
        __ssoenv_bound=$__ssoenv_p
        if [[ -z $__ssoenv_generation ]]; then
            __ssoenv_next=none
            [[ -z $__ssoenv_why ]] || __ssoenv_next=blocked
        fi
    fi
    __ssoenv_dir=''
    [[ $__ssoenv_next == none ]] || __ssoenv_dir=$__ssoenv_p
    [[ $__ssoenv_next != armed ]] || __ssoenv_bind
    __ssoenv_state=$__ssoenv_next
    case $__ssoenv_next in
    none) [[ -n $__ssoenv_why ]] || __ssoenv_leave ;;
    blocked)
        [[ -n $__ssoenv_withheld ]] || __ssoenv_leave
        [[ $__ssoenv_said == "$__ssoenv_why:$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_news=1
        ;;
    esac
    # What another tool has saved of ours it may give back in a shell that is started from here, too.
    [[ -z $__ssoenv_lent || -z ${DIRENV_DIFF-}${__MISE_DIFF-} ]] || \builtin "${__ssoenv_export[@]}" SSOENV_LENT="$__ssoenv_lent"
    __ssoenv_segment=''
    [[ -z $__ssoenv_style || $__ssoenv_next == none ]] || __ssoenv_draw
    __ssoenv_snapshot
    __ssoenv_compile
    ((__ssoenv_quiet < 2)) || __ssoenv_become_prompt
    __ssoenv_quiet=0
    # A hook that is no longer there gives no role, and the next prompt takes it out.
    [[ -z $__ssoenv_covered$__ssoenv_absent ]] || __ssoenv_test=__ssoenv_unchanged_never
}
# The probe is a text that will be run: for a directory with odd characters it is made anew, quoted.
__ssoenv_quote_probe() {
    \builtin local __ssoenv_d __ssoenv_q
    __ssoenv_d="$PWD"
    __ssoenv_probe=''
    while [[ -z $__ssoenv_f || $__ssoenv_d != "$__ssoenv_p" ]]; do
        \builtin printf -v __ssoenv_q %q "$__ssoenv_d/.ssoenv.toml"
        __ssoenv_probe="$__ssoenv_probe && ! -f $__ssoenv_q"
        [[ -n $__ssoenv_d ]] || \builtin break
        __ssoenv_d=${__ssoenv_d%/*}
    done
}
# Whether the binding file __ssoenv_f may act: in __ssoenv_next and __ssoenv_why. It is read only
# after its owner and our trust say that it may matter, and no more of it than a byte too much.
__ssoenv_judge() {
    __ssoenv_trust=$__ssoenv_root/trust$__ssoenv_p __ssoenv_next=blocked
    # A directory whose name begins with @ has one more there.
    [[ $__ssoenv_p != */@* ]] || __ssoenv_trust=$__ssoenv_root/trust${__ssoenv_p//\/@//@@}
    if [[ ! -O $__ssoenv_f ]]; then
        __ssoenv_why=foreign
    elif [[ ! -O $__ssoenv_trust/@toml ]]; then
        __ssoenv_why=new
    elif [[ -e $__ssoenv_config_folder || ! -f $__ssoenv_root/settings/@none ]] && ! __ssoenv_current; then
        __ssoenv_why=settings
    else
        # An assignment before `read` takes longer than the reading.
        \builtin local IFS
        IFS=''
        __ssoenv_kind=${__ssoenv_kind:-n}
        # `read` succeeds only if it met its delimiter, which is NUL, or a byte more than may be at most.
        if [[ -f $__ssoenv_f && -r $__ssoenv_f && -s $__ssoenv_f ]] && \builtin read -r -d '' -n 65537 __ssoenv_seen <"$__ssoenv_f"; then __ssoenv_seen=''; fi
        # A stamp that is there says that what was read before is still current.
        if [[ $__ssoenv_bound != "$__ssoenv_p" || -z $__ssoenv_generation || ! -f $__ssoenv_trust/@$__ssoenv_generation ]]; then
            __ssoenv_load "$__ssoenv_trust"
            __ssoenv_bound=$__ssoenv_p
        fi
        if [[ -n $__ssoenv_generation && -n $__ssoenv_seen && $__ssoenv_seen == "$__ssoenv_trusted" ]]; then
            __ssoenv_next=armed __ssoenv_asked=''
        else
            __ssoenv_why=changed
            [[ $__ssoenv_asked == "$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_ask
            [[ $__ssoenv_invalid != "$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_why=invalid
        fi
    fi
}
# The program knows whether these bytes were trusted before, and mends what is half-written.
__ssoenv_ask() {
    __ssoenv_asked=$__ssoenv_f:$__ssoenv_seen __ssoenv_invalid=''
    [[ -f $__ssoenv_trust/@history || -z $__ssoenv_generation ]] || \builtin return 0
    \builtin local __ssoenv_status
    __ssoenv_status=0
    __ssoenv_program renew "${__ssoenv_p:-/}" </dev/null >/dev/null 2>&1 || __ssoenv_status=$?
    ((__ssoenv_status != 5)) || __ssoenv_invalid=$__ssoenv_asked
    ((__ssoenv_status == 0)) || \builtin return 0
    __ssoenv_load "$__ssoenv_trust"
    [[ -z $__ssoenv_generation || $__ssoenv_seen != "$__ssoenv_trusted" ]] || __ssoenv_next=armed __ssoenv_why='' __ssoenv_asked=''
}
# Whether all that is rendered is as the settings have it. If their bytes are not those that were read
# last, the program reads them, once.
__ssoenv_current() {
    __ssoenv_as_read @ok && \builtin return 0
    __ssoenv_as_read @bad && \builtin return 1
    __ssoenv_program renew </dev/null >/dev/null 2>&1
    __ssoenv_generation='' __ssoenv_kind=''
    __ssoenv_as_read @ok
}
__ssoenv_as_read() { # @ok|@bad: whether the settings are what that stamp holds
    \builtin local __ssoenv_stamp
    __ssoenv_stamp="$__ssoenv_root/settings/$1"
    [[ -n $__ssoenv_kind ]] || __ssoenv_look_at_settings
    case $__ssoenv_kind in
    f)
        [[ -f $__ssoenv_stamp && -r $__ssoenv_stamp ]] && ! IFS= \builtin read -r -d '' -n 65537 __ssoenv_reply <"$__ssoenv_stamp" && [[ $__ssoenv_reply == "$__ssoenv_config_seen" ]]
        ;;
    z) [[ -f $__ssoenv_stamp && ! -s $__ssoenv_stamp ]] ;;
    e | l) [[ $1 == @bad && -f $__ssoenv_stamp ]] ;;
    *) [[ $1 == @ok && -f $__ssoenv_root/settings/@none ]] ;;
    esac
}
# What stands where the settings would, in __ssoenv_kind: a file, with its bytes in __ssoenv_config_seen;
# z an empty one; e what cannot be read, or is no text of ours; l a link to nothing; - nothing; n is no
# folder for them either.
__ssoenv_look_at_settings() {
    __ssoenv_config_seen=''
    if [[ ! -e $__ssoenv_config_folder ]]; then
        __ssoenv_kind=n
    elif [[ -f $__ssoenv_config && -r $__ssoenv_config ]]; then
        __ssoenv_kind=f
        if [[ ! -s $__ssoenv_config ]]; then
            __ssoenv_kind=z
        elif IFS= \builtin read -r -d '' -n 65537 __ssoenv_config_seen <"$__ssoenv_config"; then
            __ssoenv_kind=e __ssoenv_config_seen=''
        fi
    elif [[ -e $__ssoenv_config ]]; then
        __ssoenv_kind=e
    elif [[ -L $__ssoenv_config ]]; then
        __ssoenv_kind=l
    else
        __ssoenv_kind=-
    fi
}
# A trusted binding: choose its profile and make the variables, if they are not already so.
__ssoenv_bind() {
    __ssoenv_wanted=$__ssoenv_name
    [[ -z $__ssoenv_table$__ssoenv_choice ]] || __ssoenv_select
    [[ -n $__ssoenv_key && $__ssoenv_name == "$__ssoenv_wanted" ]] || __ssoenv_load "$__ssoenv_trust"
    if [[ -z $__ssoenv_generation || -z $__ssoenv_key ]]; then
        __ssoenv_next=blocked __ssoenv_why=changed
        [[ -z $__ssoenv_generation || $__ssoenv_name != '!' ]] || __ssoenv_why=agents
    elif [[ -n $__ssoenv_why$__ssoenv_refusal ]] && __ssoenv_next=blocked __ssoenv_why=${__ssoenv_why:-never} && ! __ssoenv_is_own; then
        \builtin return 0 # of a file, that is as if it were not there
    elif __ssoenv_role=$__ssoenv_store/$__ssoenv_key && [[ -n $__ssoenv_applied && $__ssoenv_next == armed ]] && __ssoenv_stays; then
        __ssoenv_next=live
    elif [[ $__ssoenv_applied_dir == "$__ssoenv_p" ]] && __ssoenv_theirs; then
        # Set here since: that is the user's word, and nothing of ours may stand beside it.
        __ssoenv_make_way
        __ssoenv_next=none __ssoenv_why=yours __ssoenv_applied=yours
    else
        __ssoenv_apply
    fi
}
# Whether the credentials of this very profile are there as the last look left them, and still hold.
__ssoenv_stays() {
    [[ $__ssoenv_applied == "live:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice" && $__ssoenv_live_key == "$__ssoenv_key" ]] &&
        __ssoenv_snapshotted &&
        [[ -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@$__ssoenv_live_generation ]] && __ssoenv_knows_config || \builtin return
    __ssoenv_now=${EPOCHSECONDS-}
    [[ -n $__ssoenv_now ]] || __ssoenv_clock
    ((__ssoenv_now < __ssoenv_deadline))
}
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
__ssoenv_may() {
    [[ -n $__ssoenv_protect ]] || \builtin return 0
    __ssoenv_clock
    [[ $__ssoenv_allowed == "$__ssoenv_key" && -f $__ssoenv_yes ]] && ((__ssoenv_now < __ssoenv_until))
}
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
__ssoenv_select() {
    \builtin local __ssoenv_rel __ssoenv_t __ssoenv_n
    __ssoenv_rel="${PWD#"$__ssoenv_p"}" __ssoenv_t=$'\t' __ssoenv_n=$'\n'
    __ssoenv_name=$__ssoenv_default
    if [[ $__ssoenv_choice_dir == "$__ssoenv_p" && -n $__ssoenv_choice &&
        $__ssoenv_names == *" $__ssoenv_choice "* ]]; then
        __ssoenv_name=$__ssoenv_choice
    elif [[ -n $__ssoenv_table ]]; then
        while [[ -n $__ssoenv_rel ]]; do
            if [[ $__ssoenv_rel != *[$'\t\n']* && $__ssoenv_table == *"$__ssoenv_n$__ssoenv_rel$__ssoenv_t"* ]]; then
                __ssoenv_name=${__ssoenv_table#*"$__ssoenv_n$__ssoenv_rel$__ssoenv_t"}
                __ssoenv_name=${__ssoenv_name%%"$__ssoenv_n"*}
                \builtin break
            fi
            __ssoenv_rel=${__ssoenv_rel%/*}
        done
    fi
}
# In a script: keys of ours that came along stay where the directory gives the role that they are of. Elsewhere the
# profile takes their place, which each program asks, and which knows. No word, no sign-in, and no key where none was.
__ssoenv_follow() {
    __ssoenv_has_key || \builtin return 0
    __ssoenv_p=$PWD __ssoenv_next=none __ssoenv_kind='' __ssoenv_seen='' __ssoenv_key=''
    [[ $PWD == /* ]] || __ssoenv_p=''
    until [[ -z $__ssoenv_p || -f $__ssoenv_p/.ssoenv.toml ]]; do __ssoenv_p=${__ssoenv_p%/*}; done
    __ssoenv_f=$__ssoenv_p/.ssoenv.toml
    if [[ -f $__ssoenv_f ]]; then
        __ssoenv_judge
        [[ $__ssoenv_next != armed ]] || __ssoenv_load "$__ssoenv_trust"
    elif [[ ${SSOENV_DIR-} == @* && $SSOENV_DIR != @*[!A-Za-z0-9%._:/-]* && $SSOENV_DIR != *..* ]]; then
        __ssoenv_next=armed __ssoenv_key=${SSOENV_DIR#@} __ssoenv_mode=$__ssoenv_agent'keys' __ssoenv_refusal='' __ssoenv_protect=''
    fi
    if [[ $__ssoenv_next != armed || $__ssoenv_mode != keys || -z $__ssoenv_key || -n $__ssoenv_refusal$__ssoenv_protect ]] ||
        ! __ssoenv_has_key_of "$__ssoenv_store/$__ssoenv_key/@role" || ! __ssoenv_knows_config; then
        __ssoenv_hand_over
    fi
}
# Make the test of this very situation, whose name is in __ssoenv_test: the environment, a few stats
# and one small read. The stamps are named after generations, so that being there means being current.
# One test for where no file applies and one for where a file does are kept, each until the situation
# has another shape: then it is made anew, of text.
__ssoenv_compile() {
    __ssoenv_read=''
    if [[ $__ssoenv_state$__ssoenv_why == none ]]; then
        __ssoenv_shape=${__ssoenv_set:+s}$__ssoenv_probe __ssoenv_test=__ssoenv_unchanged_none
        [[ $__ssoenv_shape == "$__ssoenv_shape_none" ]] && \builtin return 0
        __ssoenv_shape_none=$__ssoenv_shape
    else
        [[ -n $__ssoenv_kind ]] || __ssoenv_look_at_settings
        ((__ssoenv_size = ${#__ssoenv_seen} + 1, __ssoenv_config_size = ${#__ssoenv_config_seen} + 1, __ssoenv_due = __ssoenv_deadline - __ssoenv_early))
        __ssoenv_shape=$__ssoenv_state$__ssoenv_why:${__ssoenv_f:+f}:$__ssoenv_kind:${__ssoenv_live_generation:+l}:${__ssoenv_protect:+p}:${__ssoenv_set:+s}$__ssoenv_probe
        __ssoenv_test=__ssoenv_unchanged_bound
        [[ $__ssoenv_shape == "$__ssoenv_shape_bound" ]] && \builtin return 0
        __ssoenv_shape_bound=$__ssoenv_shape
        __ssoenv_write
    fi
    # A trace would show the values, and -u would stop at one that is gone: under such an option everything
    # is looked at, without them.
    __ssoenv_same="$__ssoenv_environment == \"\$__ssoenv_puts\""
    if [[ $__ssoenv_test == *none ]]; then
        if [[ -n $__ssoenv_set ]]; then
            __ssoenv_same="$__ssoenv_same && $__ssoenv_which == \"\$__ssoenv_set\""
        elif [[ ${__ssoenv_export[0]} == declare ]]; then
            # A value takes a third of the time that being set does, and an empty one says nothing here.
            __ssoenv_same="-z ${__ssoenv_environment//,/}"
        else
            __ssoenv_same="-z $__ssoenv_which" # before bash 4.4 it says whose it is
        fi
    fi
    # Under nocasematch the `a` is an A. No option has that letter.
    __ssoenv_probe="[[ \$PWD == \"\$__ssoenv_pwd\" && \$-a != *[uxA]* && $__ssoenv_same$__ssoenv_probe ]]$__ssoenv_read"
    \builtin eval "$__ssoenv_test() { $__ssoenv_probe; }"
    if [[ $__ssoenv_test == *none ]]; then __ssoenv_text_none=$__ssoenv_probe; else __ssoenv_text_bound=$__ssoenv_probe; fi
}
# The part of a test that is about a file, or about a role for wherever no project is.
__ssoenv_write() {
    \builtin local __ssoenv_own
    __ssoenv_own=' && -O $__ssoenv_f && -f $__ssoenv_f && -r $__ssoenv_f && -s $__ssoenv_f'
    # `read` fails where the file ends: so it has just these bytes, and no NUL. A function of that name would be
    # called; what is compared after it is what counts.
    __ssoenv_read=' && __ssoenv_reply= && ! IFS= \read -r -d "" -n "$__ssoenv_size" __ssoenv_reply <"$__ssoenv_f" && [[ $__ssoenv_reply == "$__ssoenv_seen" ]]'
    case $__ssoenv_state$__ssoenv_why in
    blockednew) __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_f && ! -f \$__ssoenv_trust/@toml" __ssoenv_read='' ;;
    blockedforeign) __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_f && ! -O \$__ssoenv_f" __ssoenv_read='' ;;
    blockedsettings) __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_root/settings/@bad" __ssoenv_read='' ;;
    blockedchanged | blockedinvalid) __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_trust/@toml$__ssoenv_own" ;;
    *)
        [[ -n $__ssoenv_f ]] || __ssoenv_own='' __ssoenv_read=''
        __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_trust/@\$__ssoenv_generation$__ssoenv_own"
        ;;
    esac
    case $__ssoenv_kind in
    n) __ssoenv_probe="$__ssoenv_probe && ! -e \$__ssoenv_config_folder" ;;
    f)
        __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_config && -r \$__ssoenv_config && -s \$__ssoenv_config"
        __ssoenv_read=$__ssoenv_read' && __ssoenv_reply= && ! IFS= \read -r -d "" -n "$__ssoenv_config_size" __ssoenv_reply <"$__ssoenv_config" && [[ $__ssoenv_reply == "$__ssoenv_config_seen" ]]'
        ;;
    z) __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_config && ! -s \$__ssoenv_config" ;;
    e) __ssoenv_probe="$__ssoenv_probe && -n ''" ;; # what cannot be read is looked at anew each time
    l) __ssoenv_probe="$__ssoenv_probe && -h \$__ssoenv_config && ! -e \$__ssoenv_config" ;;
    *) __ssoenv_probe="$__ssoenv_probe && ! -e \$__ssoenv_config && ! -h \$__ssoenv_config" ;;
    esac
    case $__ssoenv_state in
    armed)
        if [[ -n $__ssoenv_live_generation ]]; then
            __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_role/@\$__ssoenv_live_generation"
        elif [[ -z $__ssoenv_protect ]]; then
            __ssoenv_probe="$__ssoenv_probe && ! -f \$__ssoenv_role/@role"
        fi
        ;;
    live)
        # Where the stamp is gone, the other file counts as newer. An unset EPOCHSECONDS is no clock any
        # more: then every prompt looks at everything.
        __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_cache_file && ! \$__ssoenv_cache_file -nt \$__ssoenv_role/@\$__ssoenv_live_generation && $__ssoenv_config_known && \${EPOCHSECONDS:-9999999999} -lt \$__ssoenv_due"
        ;;
    esac
}
# For example, for a live role in the project itself, of a user without settings (what stands for a value
# with $ is looked up at every prompt; only the names of nearer directories without a file are written out):
#   [[ $PWD == "$__ssoenv_pwd" && $-a != *[uxA]* &&
#       ,$AWS_ACCESS_KEY_ID,$AWS_PROFILE,$AWS_DEFAULT_PROFILE,$AWS_REGION,$AWS_DEFAULT_REGION,$SSOENV_LABEL,$SSOENV_DIR,$AWS_SSO_PROFILE,$AWS_CREDENTIAL_EXPIRATION,${AWS_SECRET_ACCESS_KEY+j}${AWS_SESSION_TOKEN+k}${SSOENV_VARS+l} == "$__ssoenv_puts" &&
#       -f $__ssoenv_trust/@$__ssoenv_generation && -O $__ssoenv_f && -f $__ssoenv_f && -r $__ssoenv_f && -s $__ssoenv_f &&
#       ! -e $__ssoenv_config_folder &&
#       -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@$__ssoenv_live_generation &&
#       $AWS_CONFIG_FILE:$HOME == "$__ssoenv_aws_by" && -f $__ssoenv_looked && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws &&
#       ${EPOCHSECONDS:-9999999999} -lt $__ssoenv_due ]] &&
#       __ssoenv_reply= && ! IFS= \read -r -d "" -n "$__ssoenv_size" __ssoenv_reply <"$__ssoenv_f" && [[ $__ssoenv_reply == "$__ssoenv_seen" ]]
__ssoenv_unchanged_never() { \builtin return 1; }
# Whether the file of this hook is there: `ssoenv setup --undo` removes it.
__ssoenv_is_there() { [[ -z $__ssoenv_hook || -f $__ssoenv_hook ]]; }
# --- [segment] ----------------------------------------------------------------------------------
# The role for a prompt, in __ssoenv_segment, made only when something changed. ssoenv_prompt puts it
# in front of the prompt; `ssoenv_prompt plain` leaves out colours and signs.
ssoenv_prompt() { # [plain]
    __ssoenv_style=ascii
    case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
    *[Uu][Tt][Ff]*) [[ ${TERM-} == linux ]] || __ssoenv_style=signs ;;
    esac
    [[ ${1-} != plain && ${TERM:-dumb} != dumb ]] || __ssoenv_style=plain
    [[ -z ${NO_COLOR-} ]] || __ssoenv_style=plain
    # Unlike zsh: bash expands the variable after it has looked for escapes, so a label is only text.
    [[ ${PS1-} == *__ssoenv_segment* ]] || PS1='${__ssoenv_segment-}'${PS1-}
    __ssoenv_pwd=''
}
__ssoenv_draw() {
    \builtin local __ssoenv_text __ssoenv_kind __ssoenv_left
    __ssoenv_text="$__ssoenv_label" __ssoenv_kind="$__ssoenv_state" __ssoenv_left=0
    __ssoenv_early=0
    case $__ssoenv_state in
    blocked)
        case $__ssoenv_why in
        new) __ssoenv_text='.ssoenv.toml not trusted' ;;
        settings) __ssoenv_text='settings broken' ;;
        never)
            __ssoenv_text='.ssoenv.toml ruled out'
            [[ $__ssoenv_why != never ]] || ! __ssoenv_is_own || __ssoenv_text="$__ssoenv_label ruled out"
            ;;
        agents) __ssoenv_text='no role for agents' ;;
        *) __ssoenv_text=".ssoenv.toml ${__ssoenv_why%% *}" ;;
        esac
        ;;
    armed)
        # Those of a protected role may be good, and wait for a yes.
        [[ -z $__ssoenv_live_generation || $__ssoenv_live_key != "$__ssoenv_key" ]] || ! __ssoenv_may || __ssoenv_text="$__ssoenv_text expired"
        ;;
    live)
        __ssoenv_clock
        __ssoenv_left=$((__ssoenv_deadline - __ssoenv_now)) __ssoenv_early=600
        if ((__ssoenv_left <= 600)); then
            __ssoenv_text="$__ssoenv_text $(((__ssoenv_left + 59) / 60))m" __ssoenv_kind=soon
            __ssoenv_early=$(((__ssoenv_left - 1) / 60 * 60))
        fi
        ;;
    esac
    [[ -z $__ssoenv_protect || $__ssoenv_state == blocked ]] || __ssoenv_kind=protected
    case $__ssoenv_style:$__ssoenv_kind:$__ssoenv_state in
    signs:protected:*) __ssoenv_text="▲ $__ssoenv_text" ;;
    signs:blocked:*) __ssoenv_text="✗ $__ssoenv_text" ;;
    signs:*:live) __ssoenv_text="● $__ssoenv_text" ;;
    signs:*) __ssoenv_text="○ $__ssoenv_text" ;;
    *:protected:live) __ssoenv_text="(!$__ssoenv_text)" ;;
    *:protected:*) __ssoenv_text="(!$__ssoenv_text?)" ;;
    *:armed:*) __ssoenv_text="($__ssoenv_text?)" ;;
    *) __ssoenv_text="($__ssoenv_text)" ;;
    esac
    __ssoenv_segment="$__ssoenv_text "
    [[ $__ssoenv_style != plain ]] || \builtin return 0
    case $__ssoenv_kind in
    protected) __ssoenv_left='97;41' ;;
    blocked) __ssoenv_left=31 ;;
    soon) __ssoenv_left=33 ;;
    live) __ssoenv_left=32 ;;
    *) __ssoenv_left=90 ;;
    esac
    # \001 and \002 tell readline that what stands between them has no width.
    __ssoenv_segment=$'\001\e['${__ssoenv_left}$'m\002'$__ssoenv_text$'\001\e[0m\002 '
}

# --- [run] --------------------------------------------------------------------------------------
# What a wrapper does: be sure of the role, and run the command with it, or not at all.
__ssoenv_wrap() { # COMMAND ARGUMENT...
    __ssoenv_ready "$@" || \builtin return
    __ssoenv_run "$@" && :
}
__ssoenv_ready() { # COMMAND ARGUMENT...
    __ssoenv_sync
    case $__ssoenv_state in
    blocked)
        case $__ssoenv_why in
        new | foreign) \builtin return 0 ;;
        never | agents) __ssoenv_code=6 ;;
        settings | invalid) __ssoenv_code=5 ;;
        *) __ssoenv_code=4 ;;
        esac
        __ssoenv_completing || __ssoenv_tell
        \builtin return "$__ssoenv_code"
        ;;
    armed)
        ! __ssoenv_completing || \builtin return 0
        ! __ssoenv_waits || __ssoenv_ensure "$@"
        ;;
    esac
}
# Have the program fetch credentials, and ask first where the role is protected. A yes is a file with
# the name that we made up: no exit code, and no word of the command, can be one. 9 says that the command
# needs no role: it asks for help, sets itself up, or names a profile. Where the program is not there any
# more, neither is what the managed profile runs, and nothing has a role.
__ssoenv_ensure() { # COMMAND ARGUMENT...
    \builtin local __ssoenv_token __ssoenv_of __ssoenv_status
    __ssoenv_of="$__ssoenv_key" __ssoenv_status=0
    __ssoenv_clock
    __ssoenv_token=$$.$((++__ssoenv_turn)).${RANDOM-0}${RANDOM-0}.$__ssoenv_now
    __ssoenv_program ensure "${__ssoenv_dir:-/}" "$__ssoenv_name" "$__ssoenv_token" "$@" </dev/null >&2 || __ssoenv_status=$?
    case $__ssoenv_status in
    0) ;;
    9 | 126 | 127) \builtin return 0 ;;
    *) \builtin return "$__ssoenv_status" ;;
    esac
    if [[ -O $__ssoenv_root/answers/$__ssoenv_token ]]; then
        __ssoenv_yes=$__ssoenv_root/answers/$__ssoenv_token
        \builtin read -r __ssoenv_until <"$__ssoenv_yes"
        __ssoenv_allowed=$__ssoenv_of
    elif [[ -n $__ssoenv_protect ]] && ! __ssoenv_may; then
        \builtin return 6
    fi
    __ssoenv_pwd=''
    __ssoenv_sync
}
# A completion and a key binding never sign in. Only readline's own variables say that it is one:
# those that it sets are not exported.
__ssoenv_completing() {
    [[ -n ${COMP_LINE+x}${READLINE_POINT+x} ]] || \builtin return
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || \builtin return 0
    \builtin eval '[[ ${COMP_LINE@a}${READLINE_POINT@a} != *x* ]]'
}
# The AWS CLI's first word that is no option, nor the value of one, in the caller's __ssoenv_first, and the
# next in __ssoenv_second.
__ssoenv_subcommand() { # COMMAND ARGUMENT...
    \builtin local __ssoenv_a __ssoenv_value
    __ssoenv_value=''
    __ssoenv_first='' __ssoenv_second=''
    for __ssoenv_a in "${@:2}"; do
        if [[ -n $__ssoenv_value ]]; then
            __ssoenv_value=''
            continue
        fi
        case $__ssoenv_a in
        --region | --output | --query | --color | --endpoint-url | --ca-bundle | --profile | --cli-read-timeout | --cli-connect-timeout | --cli-binary-format | --cli-error-format) __ssoenv_value=1 ;;
        -*) ;;
        *)
            [[ -z $__ssoenv_first ]] || { __ssoenv_second=$__ssoenv_a && \builtin break; }
            __ssoenv_first=$__ssoenv_a
            ;;
        esac
    done
}
# A coding agent moves between projects, and its commands with it: it is started without a key of ours. No sign-in, and
# where no role of ours is, as without this hook.
__ssoenv_start() { # COMMAND ARGUMENT...
    __ssoenv_sync
    if [[ $__ssoenv_state == armed || $__ssoenv_state == live || -n $__ssoenv_withheld ]] && \builtin type -P "$1" >/dev/null; then
        (
            # What a person took beside the project's own profiles is for no agent, nor are its region and label.
            [[ $__ssoenv_name != */* || $__ssoenv_dir == @* ]] || __ssoenv_choose ''
            __ssoenv_quietly __ssoenv_hand_over
            \builtin exec "$@"
        ) && :
    else
        \command "$@" && :
    fi
}
__ssoenv_run() { # COMMAND ARGUMENT...
    ! __ssoenv_sets_up "$@" || \builtin set -- env "${__ssoenv_no_profile[@]}" "$@"
    \command "$@" && :
}
# Whether the AWS CLI sets itself up: it writes into the section of the profile that is set, which must not
# be ours.
__ssoenv_sets_up() { # COMMAND ARGUMENT...
    \builtin local __ssoenv_first __ssoenv_second
    __ssoenv_first='' __ssoenv_second=''
    [[ $1 == aws ]] && { __ssoenv_has_profile || __ssoenv_waits; } || \builtin return
    __ssoenv_subcommand "$@"
    [[ $__ssoenv_first == @(configure|sso|login|logout) && $__ssoenv_first:$__ssoenv_second != configure:export-credentials ]]
}
# Unlike zsh and fish: nothing looks at a line here before it runs, so `env` itself must not hand our
# keys to a command that it gives a profile of the user's.
__ssoenv_env() { # COMMAND ARGUMENT...
    \builtin shift
    # Arrays, so that not even `set -a` has them in the environment of what is run.
    \builtin local -a __ssoenv_a __ssoenv_n __ssoenv_value
    __ssoenv_n=0 __ssoenv_value=''
    __ssoenv_sync
    # Its own words end where the command begins.
    for __ssoenv_a in "$@"; do
        if [[ -n $__ssoenv_value ]]; then
            __ssoenv_value=''
            continue
        fi
        case $__ssoenv_a in
        -u | -C | --unset | --chdir) __ssoenv_value=1 ;;
        -*) ;;
        *=*)
            if [[ $__ssoenv_state == live ]] && __ssoenv_is_given_profile "$__ssoenv_a"; then
                \builtin set -- "${__ssoenv_no_keys[@]}" "$@"
                \builtin break
            fi
            ;;
        *) \builtin break ;;
        esac
    done
    for __ssoenv_a in "$@"; do
        ((++__ssoenv_n))
        if [[ ${__ssoenv_a##*/} == aws ]]; then
            ! __ssoenv_sets_up aws "${@:__ssoenv_n+1}" || \builtin set -- "${__ssoenv_no_profile[@]}" "$@"
            \builtin break
        fi
    done
    \command env "$@" && :
}
# Whether it is this shell that has chosen what may not act, and no file. Then programs go on asking the managed
# profile, which says why there is no role: without it they would run as whoever is this machine's default.
__ssoenv_is_own() {
    [[ $__ssoenv_dir == @* || -n $__ssoenv_choice && $__ssoenv_choice_dir == "$__ssoenv_dir" && $__ssoenv_choice == "$__ssoenv_name" ]]
}
# Say, once, what keeps a binding file, or what this shell has chosen, from acting. %q: a path may hold anything.
__ssoenv_tell() {
    \builtin local __ssoenv_what __ssoenv_fix __ssoenv_subject
    __ssoenv_what='' __ssoenv_fix='see what it does now, and trust it: ssoenv trust'
    \builtin printf -v __ssoenv_subject %q "$__ssoenv_dir/.ssoenv.toml"
    # Of what is not ASCII it leaves all alone that has a width, or none: letters are shown.
    __ssoenv_subject=${__ssoenv_subject//[![:ascii:][:alnum:]]/?}
    [[ $__ssoenv_dir != @* ]] || __ssoenv_subject='the role chosen in this shell'
    case $__ssoenv_why in
    new) __ssoenv_what='is not trusted' __ssoenv_fix='see what it asks for, and trust it: ssoenv trust' ;;
    foreign) __ssoenv_what='belongs to somebody else' __ssoenv_fix='it does nothing here' ;;
    changed)
        __ssoenv_what='was changed since you trusted it'
        __ssoenv_fix="$__ssoenv_fix (or not: ssoenv untrust)"
        ;;
    invalid) __ssoenv_what='is invalid' __ssoenv_fix='see what is wrong: ssoenv status' ;;
    settings) __ssoenv_what='cannot act while your settings cannot be read' __ssoenv_fix='see what is wrong: ssoenv status' ;;
    agents) __ssoenv_what='gives no role to coding agents: your settings say agents = "none"' __ssoenv_fix='see: ssoenv status' ;;
    never)
        __ssoenv_what="asks for what you have ruled out: $__ssoenv_refusal" __ssoenv_fix='see: ssoenv status'
        ! __ssoenv_is_own || __ssoenv_subject='the role chosen in this shell' __ssoenv_what="is ruled out: $__ssoenv_refusal" __ssoenv_fix='go without it: ssoenv use --none'
        ;;
    *) __ssoenv_what="cannot act: $__ssoenv_why" __ssoenv_fix='take that out of your rc files' ;;
    esac
    \builtin printf 'ssoenv: %s %s\n  %s\n' "$__ssoenv_subject" "$__ssoenv_what" "$__ssoenv_fix" >&2
    __ssoenv_said=$__ssoenv_why:$__ssoenv_f:$__ssoenv_seen __ssoenv_news=''
}

# --- [hooks] ------------------------------------------------------------------------------------
# A call costs as much as the test, so where nothing changed for a second prompt, the prompt's own
# function becomes the test.
__ssoenv_look_before_prompt() {
    if "$__ssoenv_test"; then
        ((++__ssoenv_quiet < 2)) || __ssoenv_quietly __ssoenv_become_test
    else
        __ssoenv_sync
        __ssoenv_is_there || {
            __ssoenv_uninstall
            \builtin return 0
        }
    fi
    [[ -z $__ssoenv_past ]] || __ssoenv_forget
    [[ -z $__ssoenv_news ]] || __ssoenv_tell
    [[ -n $__ssoenv_followed ]] || __ssoenv_quietly __ssoenv_look_after
}
__ssoenv_become_test() {
    \builtin local __ssoenv_text
    __ssoenv_text="$__ssoenv_text_bound"
    [[ $__ssoenv_test != *none ]] || __ssoenv_text=$__ssoenv_text_none
    \builtin eval "__ssoenv_prompt() { __ssoenv_code=\$?; $__ssoenv_text || __ssoenv_look_before_prompt; [[ \${__ssoenv_code-0} == 0 ]] || \\builtin return \"\$__ssoenv_code\"; }"
}
__ssoenv_become_prompt() {
    __ssoenv_quiet=0
    __ssoenv_prompt() {
        __ssoenv_code=$? # must be the very first command
        __ssoenv_look_before_prompt
        \builtin return "${__ssoenv_code-0}"
    }
}
__ssoenv_become_prompt

# --- [command] ----------------------------------------------------------------------------------
# `use` changes this very shell; everything else is the program's.
function ssoenv {
    \builtin local __ssoenv_code __ssoenv_picked
    __ssoenv_code=0
    # What stands behind `--` is a name.
    [[ ${1-} != use || ${2-} != -- || ${3-} == -?* ]] || \builtin set -- use "${@:3}"
    if [[ ${1-} == use && ($# -le 2 && (${2-} != -* || ${2-} == - || ${2-} == --none) ||
        ${2-} == --@(session|region)* || ${2-} == -s* || ${3-} == --@(session|region)* || ${3-} == -s*) ]]; then
        if [[ $# -eq 2 ]]; then
            __ssoenv_use "$2" || __ssoenv_code=$?
            ((__ssoenv_code == 1)) || \builtin return "$__ssoenv_code"
        fi
        __ssoenv_code=0
        # No program can change this shell: it finds out which is meant, or asks.
        __ssoenv_picked=$(__ssoenv_program use --answer "${@:2}") || \builtin return
        [[ $__ssoenv_picked != @* ]] || __ssoenv_take "${__ssoenv_picked#@}"
        [[ $__ssoenv_picked == @* ]] || __ssoenv_use "$__ssoenv_picked" || __ssoenv_code=$?
        if [[ -n $__ssoenv_agent ]] && ((__ssoenv_code == 1)); then
            \builtin printf 'ssoenv: coding agents have the profile %s here, and no other\n' "$__ssoenv_name" >&2
            __ssoenv_code=6
        fi
        ((__ssoenv_code == 0)) || \builtin return "$__ssoenv_code"
        __ssoenv_sync
        \builtin return 0
    fi
    # What the program is told of this shell has to be true, whatever changed directory before it.
    __ssoenv_sync
    # Whoever takes something back means a yes to a protected role, too.
    case ${1-} in logout | untrust | trust) __ssoenv_allowed='' ;; esac
    \builtin local -x SSOENV_HOOK # tells the program that this shell has a hook
    SSOENV_HOOK=1
    __ssoenv_program "$@" || __ssoenv_code=$?
    __ssoenv_pwd=''
    __ssoenv_sync
    \builtin return "$__ssoenv_code"
}
__ssoenv_take() { # KEY: of a role for wherever no project is, or none
    [[ -z $__ssoenv_loose || $__ssoenv_loose == "$1" ]] || __ssoenv_loosed=$__ssoenv_loose
    __ssoenv_loose=$1 __ssoenv_pwd=''
}
__ssoenv_choose() { # PROFILE, or '' for none
    __ssoenv_choice=$1 __ssoenv_pwd='' __ssoenv_key=''
    __ssoenv_sync
}
__ssoenv_use() { # NAME|-|--none: false if only the program can tell what it means
    \builtin local __ssoenv_to
    __ssoenv_to=$1
    __ssoenv_sync
    if [[ ($1 == --none || $1 == -) && ($__ssoenv_state == none || $__ssoenv_dir == @*) ]]; then
        __ssoenv_to=''
        if [[ $1 == - ]]; then
            __ssoenv_to=$__ssoenv_loosed
            [[ $__ssoenv_to != "$__ssoenv_loose" && -f $__ssoenv_root/loose/$__ssoenv_to/@sh ]] || \builtin return 1
        fi
        __ssoenv_take "$__ssoenv_to"
        __ssoenv_sync
        \builtin return 0
    fi
    [[ $__ssoenv_state == armed || $__ssoenv_state == live || $__ssoenv_why == never ]] || \builtin return 1
    # The one before is that of this project; it may have been no choice.
    [[ $__ssoenv_to != - || $__ssoenv_before != "$__ssoenv_dir:"* ]] || __ssoenv_to=${__ssoenv_before#"$__ssoenv_dir:"}
    [[ $__ssoenv_to != --none ]] || __ssoenv_to=''
    [[ -z $__ssoenv_to && -n $1 || -n $__ssoenv_to && $__ssoenv_names == *" $__ssoenv_to "* ]] || \builtin return 1
    \builtin local __ssoenv_was __ssoenv_had
    __ssoenv_was="$__ssoenv_choice" __ssoenv_had="$__ssoenv_name"
    [[ $__ssoenv_choice_dir == "$__ssoenv_dir" ]] || __ssoenv_was=''
    __ssoenv_choice_dir=$__ssoenv_dir
    __ssoenv_choose "$__ssoenv_to"
    if [[ $__ssoenv_why == never && $1 != --none ]]; then
        # What the settings rule out is no choice: this shell stays with what it had.
        __ssoenv_tell
        __ssoenv_choose "$__ssoenv_was"
        \builtin return 6
    fi
    [[ $__ssoenv_had == "$__ssoenv_name" ]] || __ssoenv_before=$__ssoenv_dir:$__ssoenv_was
}

# --- [install] ----------------------------------------------------------------------------------
# Whether a coding agent owns this shell, by what it has set for its commands. Its ancestors, which tell, too, are for
# the program to look at: it refuses what an agent may not have.
__ssoenv_find_agent() {
    \builtin local __ssoenv_v
    __ssoenv_agent='' __ssoenv_store=$__ssoenv_root/roles
    for __ssoenv_v in ${__ssoenv_agent_marks[@]+"${__ssoenv_agent_marks[@]}"}; do
        [[ -z ${!__ssoenv_v-} ]] || case ${!__ssoenv_v} in 0 | [Ff][Aa][Ll][Ss][Ee]) ;; *) __ssoenv_agent=agent- __ssoenv_store=$__ssoenv_root/agents/roles ;; esac
    done
}
# A name that the user has made a function stays theirs. `function NAME`: an alias is not expanded.
__ssoenv_define() { # BEFORE AFTER NAME...: functions that consist of these words, with their name in between
    \builtin local __ssoenv_c
    for __ssoenv_c in "${@:3}"; do
        \builtin declare -F "$__ssoenv_c" || {
            __ssoenv_text="$__ssoenv_text function $__ssoenv_c { $1 $__ssoenv_c $2; };"
            __ssoenv_defined="$__ssoenv_defined $__ssoenv_c"
        }
    done >/dev/null
}
__ssoenv_install() {
    \builtin local __ssoenv_text
    __ssoenv_text=''
    __ssoenv_define __ssoenv_wrap '"$@" && :' "${__ssoenv_commands[@]}"
    __ssoenv_define __ssoenv_start '"$@" && :' ${__ssoenv_agents[@]+"${__ssoenv_agents[@]}"}
    __ssoenv_define __ssoenv_env '"$@" && :' env
    # Unlike zsh and fish: no event when the directory changes, and `cd x && make` must be right.
    __ssoenv_define '\builtin' '"$@" || \builtin return; __ssoenv_sync' cd pushd popd
    \builtin eval "$__ssoenv_text"
    __ssoenv_take_place
}
__ssoenv_install_in_script() {
    \builtin local __ssoenv_c __ssoenv_text
    __ssoenv_text=''
    __ssoenv_reset
    __ssoenv_adopt
    __ssoenv_find_agent
    # A choice that a person made in the shell around is theirs here, too.
    __ssoenv_choice=${SSOENV_USE-} __ssoenv_choice_dir=${SSOENV_DIR-}
    __ssoenv_choice_dir=${__ssoenv_choice_dir%/}
    for __ssoenv_c in cd pushd popd; do
        \builtin declare -F "$__ssoenv_c" || __ssoenv_text="$__ssoenv_text function $__ssoenv_c { \\builtin $__ssoenv_c \"\$@\" || \\builtin return; __ssoenv_quietly __ssoenv_follow || :; };"
    done >/dev/null
    \builtin eval "$__ssoenv_text"
    __ssoenv_follow
}
# Unlike zsh and fish: what changes directory by the builtin tells nobody, such as zoxide's `z` and a `cd` of the
# user's own. At the first prompt, when the whole start-up file has been read, such a function gets a look after it,
# and is else as it was; one that is exported or readonly is left alone.
__ssoenv_look_after() {
    \builtin local __ssoenv_c __ssoenv_text __ssoenv_aliases
    __ssoenv_followed=' ' __ssoenv_aliases=''
    for __ssoenv_c in cd pushd popd z zi j _z __zoxide_cd fasd_cd; do
        [[ " $__ssoenv_defined " != *" $__ssoenv_c "* ]] || \builtin continue
        \builtin declare -F "$__ssoenv_c" >/dev/null || \builtin continue
        __ssoenv_text=$(\builtin declare -fp "$__ssoenv_c") # the one process of this, where there is such a function
        [[ $__ssoenv_text == *builtin\ @(cd|pushd|popd)* && $__ssoenv_text == *\} ]] || \builtin continue
        # What it says was read with the aliases of then.
        ! \builtin shopt -q expand_aliases || { __ssoenv_aliases=1 && \builtin shopt -u expand_aliases; }
        \builtin eval "function __ssoenv_users_$__ssoenv_text
            function $__ssoenv_c { __ssoenv_users_$__ssoenv_c \"\$@\"; __ssoenv_moved \$?; }" && __ssoenv_followed="$__ssoenv_followed$__ssoenv_c "
        [[ -z $__ssoenv_aliases ]] || \builtin shopt -s expand_aliases
    done
}
__ssoenv_moved() { # STATUS
    __ssoenv_sync
    \builtin return "$1"
}
# The last place among what runs before a prompt: what others give back there is seen at once. `&& :` hands the
# status on to whatever comes after it, and neither `set -e` nor a trap takes it for a failure.
__ssoenv_take_place() {
    \builtin local __ssoenv_c
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        for __ssoenv_c in ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}; do
            case ";${__ssoenv_c//[[:space:]]/;};" in *';__ssoenv_prompt;&&;:;'*) \builtin return ;; esac
        done
        PROMPT_COMMAND=(${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"} '__ssoenv_prompt && :')
    else
        # shellcheck disable=SC2128,SC2178 # before 5.1 it is a string
        case ";${PROMPT_COMMAND-};" in
        *';__ssoenv_prompt && :;'*) ;;
        *)
            while [[ ${PROMPT_COMMAND-} == *[[:space:]\;] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
            PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND;}__ssoenv_prompt && :"
            ;;
        esac
    fi
}

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
__ssoenv_uninstall() {
    \builtin local __ssoenv_c __ssoenv_text IFS
    IFS=$' \t\n' __ssoenv_text=''
    __ssoenv_quietly __ssoenv_leave
    for __ssoenv_c in $__ssoenv_defined; do \builtin unset -f "$__ssoenv_c"; done
    for __ssoenv_c in $__ssoenv_followed; do
        # Unless the user has made it another one since.
        [[ $(\builtin declare -f "$__ssoenv_c") != *" __ssoenv_users_$__ssoenv_c "* ]] ||
            __ssoenv_text="$__ssoenv_text function $(\builtin declare -f "__ssoenv_users_$__ssoenv_c" | \command sed '1s/__ssoenv_users_//');"
    done
    \builtin shopt -q expand_aliases && __ssoenv_options=1 || __ssoenv_options=''
    \builtin shopt -u expand_aliases
    \builtin eval "$__ssoenv_text"
    [[ -z $__ssoenv_options ]] || \builtin shopt -s expand_aliases
    PS1=${PS1//'${__ssoenv_segment-}'/}
    for __ssoenv_c in "${!PROMPT_COMMAND[@]}"; do
        PROMPT_COMMAND[__ssoenv_c]=${PROMPT_COMMAND[__ssoenv_c]//;__ssoenv_prompt && :/}
        [[ ${PROMPT_COMMAND[__ssoenv_c]} != '__ssoenv_prompt && :' ]] ||
            \builtin unset -v 'PROMPT_COMMAND[__ssoenv_c]'
    done
    for __ssoenv_c in "${!__ssoenv_@}"; do
        [[ $__ssoenv_c == __ssoenv_[ct] || $__ssoenv_c == __ssoenv_text ]] || \builtin unset -v "$__ssoenv_c"
    done
    \builtin complete -r ssoenv 2>/dev/null || :
    # shellcheck disable=SC2046 # these are names
    \builtin unset -f ssoenv ssoenv_prompt $(\builtin compgen -A function __ssoenv_)
}

if [[ $- == *i* ]]; then
    if [[ ${__ssoenv_loaded[1]-} != "$$" ]]; then
        __ssoenv_defined='' __ssoenv_renewed=''
        __ssoenv_settings
        __ssoenv_reset
        __ssoenv_adopt
    fi
    __ssoenv_loaded=('' "$$")
    __ssoenv_test=__ssoenv_unchanged_never __ssoenv_shape_none=- __ssoenv_shape_bound=- __ssoenv_kind=''
    __ssoenv_settings
    __ssoenv_find_agent
    # This text may be older than the settings: then the program writes it anew, and it is read again.
    if [[ -z $__ssoenv_renewed ]] && ! __ssoenv_as_read @ok && ! __ssoenv_as_read @bad; then
        __ssoenv_program renew </dev/null >/dev/null 2>&1
        __ssoenv_renewed=1
        [[ ! -O $__ssoenv_root/hook.bash || ! -f $__ssoenv_root/hook.bash ]] || \builtin . "$__ssoenv_root/hook.bash"
        __ssoenv_renewed=''
    fi
    __ssoenv_hook=$__ssoenv_root/hook.bash
    [[ -f $__ssoenv_hook ]] || __ssoenv_hook=''
    __ssoenv_install
else
    # A script that reads the rc file has the program, and where keys of ours came along, what keeps them right.
    \builtin unset -f ssoenv
    ssoenv_prompt() { :; }
    __ssoenv_settings
    ! __ssoenv_has_key || __ssoenv_install_in_script
fi
[[ -n ${__ssoenv_renewed-} ]] || __ssoenv_restore
