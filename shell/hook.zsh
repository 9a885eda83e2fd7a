# ssoenv for zsh 5.1 and newer: the role of the directory you are in, and nothing left behind.
# In ~/.zshrc, at its end:  eval "$(ssoenv hook zsh)"
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.
# Unlike bash: `ssoenv hook` hands this file over inside `emulate zsh -o no_aliases -c '...'`, so that
# no option and no alias of the user's reaches into it; that holds for the functions later, too.

# What a variable of the environment says is no state of ours: it goes, whatever its name.
builtin setopt no_xtrace no_verbose # for this text alone
[[ ${__ssoenv_loaded-} == "$$" && ${(t)__ssoenv_loaded} != *export* ]] || builtin unset -m '__ssoenv_*'

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`.
function __ssoenv_settings {
    typeset -g __ssoenv_root=__SSOENV_STATE__
    typeset -g __ssoenv_config=__SSOENV_CONFIG__
    typeset -g __ssoenv_config_folder=${__ssoenv_config%/*}
    typeset -ga __ssoenv_commands=(__SSOENV_COMMANDS__)
    typeset -ga __ssoenv_agents=(__SSOENV_AGENTS__)
    typeset -ga __ssoenv_agent_marks=(__SSOENV_MARKS__)
}
function __ssoenv_program { command __SSOENV_EXE__ "$@" }

# --- [state] ------------------------------------------------------------------------------------
# What this shell knows between prompts. None of it is exported, and none of it is a secret but those
# that stand in the environment anyway.
#   __ssoenv_root, _config, _config_folder, _commands, _agents, _agent_marks: the settings above; __ssoenv_loaded is the process
#                      that read this text, __ssoenv_renewed that it had the program write it anew, and
#                      __ssoenv_defined the names that it made functions of
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
#   __ssoenv_put_key, _put_secrets, _put_role, _put_region, _put_output, _put_label: what we exported
#                      last, to know it again; the secrets until the next prompt only
#   __ssoenv_past      the region of the role before, until the next prompt
#   __ssoenv_puts      the environment as the last look left it: if it differs, somebody changed it; and
#                      __ssoenv_set which of those variables were set, a letter for each
#   __ssoenv_kept      the user's own variables, put away by name until we leave; those in
#                      __ssoenv_plain were not exported
#   __ssoenv_lent      our regions that another tool, such as direnv, may have saved as the user's, and
#                      __ssoenv_diff what that tool said when we looked last
#   __ssoenv_choice, _choice_dir, _before: the profile that `ssoenv use` chose, where, and the one before
#   __ssoenv_loose     the key of a role for wherever no project is, ssoenv use ACCOUNT/ROLE; and
#                      __ssoenv_loosed that of the one before
#   __ssoenv_allowed   the protected role that this shell may use, until __ssoenv_until, while the file
#                      __ssoenv_yes is there: a sign-out takes every yes away
#   __ssoenv_test      the function that tells whether nothing has changed; __ssoenv_shape_none
#                      and __ssoenv_shape_bound are what it was made for where no file applies, and
#                      where one does
#   __ssoenv_quiet     how many prompts have found nothing changed
#   __ssoenv_withheld  whether this shell's own choice may not act, and programs find that out
#   __ssoenv_kind      what stands where the settings would, and __ssoenv_config_seen the bytes of it
#   __ssoenv_hold      set for a line in which the AWS CLI sets itself up: no profile of ours is there
#   __ssoenv_hook      the file of this hook in the state folder, if it was there at the start
#   __ssoenv_asked     what the program has seen to already, so that it is not started again for it; and
#                      __ssoenv_invalid: of that, what it found to be invalid
#   __ssoenv_news, _said  whether there is something to tell, and what was told last
#   __ssoenv_segment   what the prompt shows, and __ssoenv_style how; __ssoenv_early is how many
#                      seconds before the deadline it has to change
#   __ssoenv_next, _probe, _same, _reply, _stuck, _absent: between the steps of one look: the state that is
#                      coming, two parts of the text of the test, what was read last, a variable of the
#                      user's that cannot be changed, and whether the file of this hook is gone
#   __ssoenv_keys, _watched: names of variables: of credentials, and of those that the test compares,
#                      with __ssoenv_letters; __ssoenv_environment, __ssoenv_which and __ssoenv_any are texts of them, and
#                      __ssoenv_config_known one of the next three; __ssoenv_untraced are names of functions, and
#                      __ssoenv_no_profile words for `env`
#   __ssoenv_aws, _aws_by, _looked: the AWS config that counts, as a live role was last looked at; the variables that
#                      say so; and what notes that it was looked at
#   __ssoenv_size, _config_size, _due: numbers of the test: bytes to be read of either file, and the deadline
#   __ssoenv_marks     what is in PROMPT for the segment; __ssoenv_turn a count
function __ssoenv_reset {
    typeset -g +x __ssoenv_state=none __ssoenv_why= __ssoenv_dir= __ssoenv_pwd= __ssoenv_seen= __ssoenv_f=
    typeset -g +x __ssoenv_applied= __ssoenv_applied_dir= __ssoenv_withheld= __ssoenv_puts= __ssoenv_set= __ssoenv_stuck= __ssoenv_reply=
    typeset -g +x __ssoenv_put_key= __ssoenv_put_secrets= __ssoenv_put_region= __ssoenv_put_output= __ssoenv_put_label= __ssoenv_put_role= __ssoenv_past=
    typeset -g +x __ssoenv_generation= __ssoenv_default= __ssoenv_names= __ssoenv_table=
    typeset -g +x __ssoenv_name= __ssoenv_key= __ssoenv_label= __ssoenv_managed= __ssoenv_refusal=
    typeset -g +x __ssoenv_region= __ssoenv_output= __ssoenv_mode= __ssoenv_protect=
    typeset -g +x __ssoenv_live_generation= __ssoenv_live_key= __ssoenv_cache_file= __ssoenv_asked= __ssoenv_invalid= __ssoenv_lent= __ssoenv_diff=
    typeset -g +x __ssoenv_choice= __ssoenv_choice_dir= __ssoenv_before= __ssoenv_news= __ssoenv_said=
    typeset -g +x __ssoenv_p= __ssoenv_probe= __ssoenv_next= __ssoenv_trust= __ssoenv_role= __ssoenv_same= __ssoenv_absent=
    typeset -g +x __ssoenv_kind= __ssoenv_config_seen= __ssoenv_hold= __ssoenv_aws= __ssoenv_aws_by= __ssoenv_looked=
    typeset -g +x __ssoenv_loose= __ssoenv_loosed= __ssoenv_bound= __ssoenv_trusted= __ssoenv_allowed= __ssoenv_yes= __ssoenv_segment= __ssoenv_style=
    typeset -gi +x __ssoenv_deadline=0 __ssoenv_quiet=0 __ssoenv_until=0 __ssoenv_early=0 __ssoenv_turn=0 __ssoenv_size=0 __ssoenv_config_size=0 __ssoenv_due=0
    typeset -gA __ssoenv_kept=() __ssoenv_plain=()
}

# --- [clock] ------------------------------------------------------------------------------------
# Unlike bash: EPOCHSECONDS is always there, once `__ssoenv_install` has loaded its module.

# --- [variables] --------------------------------------------------------------------------------
# All that knows the names of variables: what somebody else needs of them is a function here.
typeset -ga __ssoenv_keys=(
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE
)
# The functions of a look that see a value of them: a trace of these must not show it. By name, for the user may
# have thousands of functions, as compinit makes them.
typeset -ga __ssoenv_untraced=(
    __ssoenv_sync __ssoenv_bind __ssoenv_apply __ssoenv_live __ssoenv_lines __ssoenv_drop __ssoenv_look_and_drop
    __ssoenv_remains __ssoenv_forget __ssoenv_look_again __ssoenv_was_there __ssoenv_keep __ssoenv_give __ssoenv_make_way
    __ssoenv_leave __ssoenv_theirs __ssoenv_is_key __ssoenv_has_key __ssoenv_has_key_of __ssoenv_hand_over
)
# What a parent shell or a tmux server exported, and marked as its own, is ours to take away.
function __ssoenv_adopt {
    [[ " ${SSOENV_VARS-} " != *' AWS_ACCESS_KEY_ID '* ]] || __ssoenv_put_key=${AWS_ACCESS_KEY_ID-}
    [[ " ${SSOENV_VARS-} " != *' AWS_REGION '* ]] || __ssoenv_put_region=${AWS_REGION-}
    [[ " ${SSOENV_VARS-} " != *' AWS_DEFAULT_OUTPUT '* ]] || __ssoenv_put_output=${AWS_DEFAULT_OUTPUT-}
    [[ ${SSOENV_LENT-} == *[^a-z0-9\ -]* ]] || __ssoenv_lent=${SSOENV_LENT-}
    __ssoenv_diff=${DIRENV_DIFF-}${__MISE_DIFF-}
    __ssoenv_applied=inherited __ssoenv_puts=inherited
}
# All that tells whether somebody changed what we made: the value of each of these, and of a NAME:, which
# may be a secret, whether it is set. As text to be expanded, since a loop is slow. Beside it the text of
# which of them are set at all, a letter for each; and that of the first ten alone, for where none is set:
# neither of the others is ours, or means anything, without one of these.
typeset -ga __ssoenv_watched=(AWS_ACCESS_KEY_ID AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_SSO_PROFILE AWS_CREDENTIAL_EXPIRATION
    SSOENV_LABEL SSOENV_DIR AWS_SECRET_ACCESS_KEY: AWS_SESSION_TOKEN: AWS_DEFAULT_PROFILE SSOENV_VARS:)
typeset -g +x __ssoenv_letters=abcdefghijkl
function __ssoenv_watch {
    local -i n
    local v letter
    typeset -g +x __ssoenv_environment='|' __ssoenv_which= __ssoenv_any=
    for (( n = 1; n <= $#__ssoenv_watched; n++ )); do
        v=$__ssoenv_watched[n] letter=$__ssoenv_letters[n]
        case $v in
            (*:) __ssoenv_environment+="\${${v%:}+$letter}|" ;;
            (*) __ssoenv_environment+="\$$v|" ;;
        esac
        __ssoenv_which+="\${${v%:}+$letter}"
        # A value is found sooner than whether there is one; but a trace shows it.
        case $n:$v in
            (<11->:*) ;;
            (*:|*_KEY_ID) __ssoenv_any+="\${${v%:}+$letter}" ;;
            (*) __ssoenv_any+="\$$v" ;;
        esac
    done
}
__ssoenv_watch
# Whether the AWS config is the one that was looked at, by its time, and has the session of the chosen role: that may
# mean another Identity Center by now, or none. The folder knows no way back to a folder above.
# Unlike bash: of what is not there, `-nt` says that it is not newer.
function __ssoenv_knows_config {
    __ssoenv_aws_by=${AWS_CONFIG_FILE-}:${HOME-} __ssoenv_aws=${AWS_CONFIG_FILE:-${HOME-}/.aws/config}
    __ssoenv_looked=$__ssoenv_root/configs/${__ssoenv_key%%/*}$__ssoenv_aws
    [[ $__ssoenv_aws == /* && $__ssoenv_aws != */../* && -f $__ssoenv_looked && -f $__ssoenv_aws && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws ]]
}
# The same of one that is known, for the test.
typeset -g +x __ssoenv_config_known='${AWS_CONFIG_FILE-}:${HOME-} == "$__ssoenv_aws_by" && -f $__ssoenv_looked && -f $__ssoenv_aws && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws'
# Whether the keys with this id are ours, wherever they come from: the state folder knows every one
# that we have handed out. Those that `ssoenv exec` or `export` gave on purpose are the user's.
function __ssoenv_is_key { # ID
    [[ -n $1 && ( $1 == "$__ssoenv_put_key" || ( $1 != *[^A-Za-z0-9]* && $1 != "${SSOENV_GIVEN-}" && -f $__ssoenv_root/keys/$1 ) ) ]]
}
function __ssoenv_has_key { __ssoenv_is_key "${AWS_ACCESS_KEY_ID-}" }
function __ssoenv_has_key_of { # FILE: of the credentials of a role
    local -a line=()
    __ssoenv_lines $1
    [[ ${AWS_ACCESS_KEY_ID-} == "$line[6]" ]]
}
function __ssoenv_is_profile { # NAME: ours, or one of an earlier version, which a program may still have
    [[ $1 == ssoenv || $1 == ssoenv/* || $1 == ssoenv-protected/* ]]
}
function __ssoenv_has_profile { __ssoenv_is_profile "${AWS_PROFILE-}" }
function __ssoenv_has_none { [[ -z ${AWS_PROFILE-}${AWS_ACCESS_KEY_ID+x} ]] }
# Whether the chosen profile is there as one that has credentials fetched.
function __ssoenv_waits { [[ ${AWS_PROFILE-} == "$__ssoenv_managed" ]] }
# Words for `env`.
typeset -ga __ssoenv_no_profile=(-u AWS_PROFILE)
# For one line our role is there as a profile, which another profile simply replaces; not as keys,
# which would win over it.
function __ssoenv_yield {
    builtin setopt local_options no_xtrace
    builtin unset -- $__ssoenv_keys
    typeset -gx AWS_PROFILE=$__ssoenv_managed
}
# For one line no profile of ours is there; a command of it may have it again.
function __ssoenv_set_aside { ! __ssoenv_has_profile || builtin unset AWS_PROFILE }
function __ssoenv_with_profile { command env AWS_PROFILE=$__ssoenv_managed "$@" } # COMMAND ARGUMENT...
# Whether the user has set a role of their own in this shell.
function __ssoenv_theirs {
    if [[ -n ${AWS_PROFILE-} ]] && ! __ssoenv_is_profile "$AWS_PROFILE"; then return 0; fi
    if [[ -n ${AWS_DEFAULT_PROFILE-} ]] && ! __ssoenv_is_profile "$AWS_DEFAULT_PROFILE"; then return 0; fi
    [[ -n ${AWS_ACCESS_KEY_ID-} ]] && ! __ssoenv_is_key "$AWS_ACCESS_KEY_ID"
}
# Whether what is started reaches its model through AWS, by what the pages of Claude Code and of goose have one set.
function __ssoenv_reaches_aws {
    local v
    [[ ${GOOSE_PROVIDER-} != aws_bedrock ]] || return 0
    for v in "${CLAUDE_CODE_USE_BEDROCK-}" "${CLAUDE_CODE_USE_MANTLE-}" "${CLAUDE_CODE_USE_ANTHROPIC_AWS-}"; do
        [[ ${(L)v} == (|0|false) ]] || return 0
    done
    return 1
}
# In a process of its own: what a coding agent gets in place of our keys is the profile, which each program asks by
# itself. An agent that reaches its model through AWS has what the user had before they came here; then the
# profile is there only where that was no role.
function __ssoenv_hand_over {
    builtin setopt local_options no_xtrace no_verbose no_all_export unset no_err_exit no_err_return
    local others=
    local -a vars=()
    builtin unset -- $__ssoenv_keys AWS_SECURITY_TOKEN SSOENV_GIVEN
    ! __ssoenv_has_profile || builtin unset AWS_PROFILE
    if __ssoenv_reaches_aws; then
        # A key for Bedrock alone is no role, and is enough.
        [[ -n ${AWS_BEARER_TOKEN_BEDROCK-} ]] || __ssoenv_give $__ssoenv_keys AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE SSOENV_GIVEN
        if [[ -n ${__ssoenv_kept[AWS_REGION]-}${__ssoenv_kept[AWS_DEFAULT_REGION]-} && "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" == "$__ssoenv_put_region $__ssoenv_put_region" ]]; then
            builtin unset AWS_REGION AWS_DEFAULT_REGION
            __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
        fi
        others=${AWS_WEB_IDENTITY_TOKEN_FILE-}${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI-}${AWS_CONTAINER_CREDENTIALS_FULL_URI-}
    fi
    if [[ -z $others ]] && ! __ssoenv_theirs; then
        typeset -gx AWS_PROFILE=ssoenv
        vars=(AWS_PROFILE)
    fi
    [[ -z $__ssoenv_put_region || "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" != "$__ssoenv_put_region $__ssoenv_put_region" ]] || vars+=(AWS_REGION AWS_DEFAULT_REGION)
    [[ -z $__ssoenv_put_output || ${AWS_DEFAULT_OUTPUT-} != "$__ssoenv_put_output" ]] || vars+=(AWS_DEFAULT_OUTPUT)
    [[ -z ${SSOENV_VARS+x} ]] || typeset -gx SSOENV_VARS="$vars"
}
# Take away what is ours, however it came here. What the user has put in its place stays. The usual two
# cases first: everything is as we left it, and nothing is there that could be ours.
function __ssoenv_drop {
    if [[ -n $__ssoenv_put_key && -n $__ssoenv_put_region && "${AWS_ACCESS_KEY_ID-} ${AWS_REGION-} ${AWS_DEFAULT_REGION-} ${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWS_DEFAULT_OUTPUT-}" == "$__ssoenv_put_key $__ssoenv_put_region $__ssoenv_put_region " ]]; then
        builtin unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE SSOENV_GIVEN AWS_REGION AWS_DEFAULT_REGION SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
        __ssoenv_past=$__ssoenv_put_region
    elif [[ -z ${AWS_ACCESS_KEY_ID-}${AWS_SECRET_ACCESS_KEY-}${AWS_SESSION_TOKEN-}${AWS_PROFILE-}${AWS_DEFAULT_PROFILE-}${AWS_REGION-}${AWS_DEFAULT_REGION-}${AWS_DEFAULT_OUTPUT-}${AWS_SSO_PROFILE-}${AWS_CREDENTIAL_EXPIRATION-}${SSOENV_DIR-}${SSOENV_LABEL-}${SSOENV_VARS-}${SSOENV_PROFILE-}${SSOENV_USE-}${SSOENV_LENT-}$__ssoenv_put_key$__ssoenv_put_region$__ssoenv_put_output$__ssoenv_applied ]]; then
        return 0
    else
        __ssoenv_look_and_drop
    fi
    [[ -z $__ssoenv_put_key ]] || __ssoenv_past=${__ssoenv_past:- }
    __ssoenv_put_key= __ssoenv_put_secrets= __ssoenv_put_region= __ssoenv_put_output= __ssoenv_put_label= __ssoenv_applied=
}
function __ssoenv_look_and_drop {
    local -a gone=()
    if [[ -n ${AWS_ACCESS_KEY_ID-}$__ssoenv_put_key ]]; then
        if __ssoenv_is_key "${AWS_ACCESS_KEY_ID-}"; then
            gone=($__ssoenv_keys SSOENV_GIVEN)
        elif [[ -n $__ssoenv_put_role ]]; then
            __ssoenv_remains $__ssoenv_put_role/@role
        fi
        [[ -z $__ssoenv_put_label || ${AWS_SSO_PROFILE-} != "$__ssoenv_put_label" ]] || gone+=(AWS_SSO_PROFILE)
    elif [[ -n ${AWS_SECRET_ACCESS_KEY-}${AWS_SESSION_TOKEN-}${AWS_CREDENTIAL_EXPIRATION-}${AWS_SSO_PROFILE-} && -n $__ssoenv_put_role ]]; then
        __ssoenv_remains $__ssoenv_put_role/@role # a scope has uncovered them when it ended
    fi
    ! __ssoenv_has_profile || gone+=(AWS_PROFILE)
    if [[ -n ${AWS_DEFAULT_PROFILE-}${AWS_DEFAULT_OUTPUT-} ]]; then
        ! __ssoenv_is_profile "${AWS_DEFAULT_PROFILE-}" || gone+=(AWS_DEFAULT_PROFILE)
        [[ -z $__ssoenv_put_output || ${AWS_DEFAULT_OUTPUT-} != "$__ssoenv_put_output" ]] || gone+=(AWS_DEFAULT_OUTPUT)
    fi
    if [[ -n $__ssoenv_put_region && "${AWS_REGION-} ${AWS_DEFAULT_REGION-}" == "$__ssoenv_put_region $__ssoenv_put_region" ]]; then
        gone+=(AWS_REGION AWS_DEFAULT_REGION) __ssoenv_past=$__ssoenv_put_region
    elif [[ -n ${AWS_REGION-}${AWS_DEFAULT_REGION-} ]]; then
        ! __ssoenv_is_region "${AWS_REGION-}" || gone+=(AWS_REGION)
        ! __ssoenv_is_region "${AWS_DEFAULT_REGION-}" || gone+=(AWS_DEFAULT_REGION)
        # Whoever has set another one may have saved ours.
        [[ -z $__ssoenv_put_region || "$__ssoenv_lent " == *" $__ssoenv_put_region "* ]] || __ssoenv_lent+=" $__ssoenv_put_region"
        __ssoenv_past=${__ssoenv_put_region:-$__ssoenv_past}
    elif [[ -n $__ssoenv_put_region ]]; then
        __ssoenv_past=$__ssoenv_put_region # an empty one of a scope may cover it
    fi
    builtin unset -- $gone SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
}
# Where the user has set a key id of their own, name what still is of ours beside it.
function __ssoenv_remains { # FILE
    local -a line=()
    __ssoenv_lines $1
    [[ ${AWS_SECRET_ACCESS_KEY-} != "$line[7]" ]] || gone+=(AWS_SECRET_ACCESS_KEY)
    [[ ${AWS_SESSION_TOKEN-} != "$line[8]" ]] || gone+=(AWS_SESSION_TOKEN)
    [[ ${AWS_CREDENTIAL_EXPIRATION-} != "$line[9]" ]] || gone+=(AWS_CREDENTIAL_EXPIRATION)
    [[ ${AWS_SSO_PROFILE-} != "$__ssoenv_label" ]] || gone+=(AWS_SSO_PROFILE)
}
# A scope may uncover the region of the role before, until the next prompt; and another tool may give
# one back that it has saved, which shows in what that tool says of itself.
function __ssoenv_is_region { # VALUE
    [[ -n $1 && ( $1 == "$__ssoenv_put_region" || $1 == "${__ssoenv_past% }" || (
    "$__ssoenv_lent " == *" $1 "* && ${DIRENV_DIFF-}${__MISE_DIFF-} != "$__ssoenv_diff" ) ) ]]
}
# The next prompt is there: what was to be known of the role before, and given back, is over.
function __ssoenv_forget {
    __ssoenv_past=
    # Unlike bash: what a scope has uncovered can be of the role before, beside the key id of this one.
    # Under a trace nothing is compared: there the look puts all of them anew, without it.
    if [[ $__ssoenv_state != live || $__ssoenv_mode != keys ]]; then
        [[ -z ${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x} || -z $__ssoenv_put_role ]] || __ssoenv_look_again
    elif [[ ! -o xtrace && "${AWS_SECRET_ACCESS_KEY-} ${AWS_SESSION_TOKEN-}" == "$__ssoenv_put_secrets" ]]; then
        __ssoenv_put_secrets=
    else
        __ssoenv_look_again
    fi
    [[ -n $__ssoenv_applied_dir ]] || __ssoenv_kept=() __ssoenv_plain=()
}
function __ssoenv_look_again {
    __ssoenv_puts=differs __ssoenv_pwd=
    __ssoenv_sync
}
# Whether NAME was in the environment at the last look, with this VALUE: else it belongs to a scope, such
# as that of `AWS_PROFILE=x cd dir`, and ends with it.
function __ssoenv_was_there { # NAME [VALUE]
    [[ $__ssoenv_puts == inherited || ( $__ssoenv_set == *${__ssoenv_letters[${__ssoenv_watched[(i)$1(:|)]}]}* &&
    ( $# == 1 || $__ssoenv_puts == *"|$2|"* ) ) ]]
}
# Put the user's own values away, of the variables NAME..., so that leaving gives them back.
function __ssoenv_keep { # NAME...
    local v
    local -i mine=0
    for v in "$@"; do
        (( ${(P)+v} )) || continue
        if [[ ${(Pt)v} == *readonly* ]]; then
            __ssoenv_stuck="$v is readonly in this shell"
            continue
        fi
        # Unlike bash: the variable of a scope around cannot be reached. What a scope uncovers when it
        # ends is known as ours at the next look.
        if [[ $v == AWS_ACCESS_KEY_ID ]]; then
            [[ ${(Pt)v} != *local* ]] && __ssoenv_was_there $v "${(P)v}" && ! __ssoenv_is_key "${(P)v}" || mine=1
        fi
        if [[ ${(Pt)v} != *local* ]] && ! { (( mine )) && [[ $v == SSOENV_GIVEN || ${__ssoenv_keys[(Ie)$v]} -gt 0 ]] } &&
            { [[ $v != (AWS_PROFILE|AWS_DEFAULT_PROFILE|AWS_SSO_PROFILE|AWS_CREDENTIAL_EXPIRATION|*_REGION) ]] || __ssoenv_was_there $v "${(P)v}" } &&
            ! { [[ $v == *_REGION && -z ${(P)v} && -n ${__ssoenv_past% } ]] } &&
            { [[ $v != AWS_SECRET_ACCESS_KEY ]] || __ssoenv_was_there $v } &&
            { [[ $v != AWS_SESSION_TOKEN ]] || __ssoenv_was_there $v } &&
            ! { [[ $v == *_REGION ]] && __ssoenv_is_region "${(P)v}" }; then
            __ssoenv_kept[$v]=${(P)v}
            builtin unset "__ssoenv_plain[$v]"
            [[ ${(Pt)v} == *export* ]] || __ssoenv_plain[$v]=1
        fi
        builtin unset -- $v
    done
}
# Give the user's own variables NAME... back, where nothing has taken their place.
function __ssoenv_give { # NAME...
    local v
    for v in "$@"; do
        (( ${+__ssoenv_kept[$v]} && ! ${(P)+v} )) || continue
        if (( ${+__ssoenv_plain[$v]} )); then
            typeset -g -- "$v=${__ssoenv_kept[$v]}"
        else
            typeset -gx -- "$v=${__ssoenv_kept[$v]}"
        fi
        builtin unset "__ssoenv_kept[$v]"
    done
}
# Nothing of ours beside a role that the user has set here.
function __ssoenv_make_way {
    __ssoenv_drop
    __ssoenv_give AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
}
# Leave: nothing of ours stays, and the user has what they had, unless they have changed it since.
function __ssoenv_leave {
    __ssoenv_drop
    if (( $#__ssoenv_kept )); then
        # What something else has taken the place of may come free until the next prompt, and what a scope
        # covers cannot be reached: so it is known until then.
        local -A kept=("${(@kv)__ssoenv_kept}") plain=("${(@kv)__ssoenv_plain}")
        __ssoenv_give ${(k)__ssoenv_kept}
        __ssoenv_kept=("${(@kv)kept}") __ssoenv_plain=("${(@kv)plain}")
        __ssoenv_past="$__ssoenv_past "
    fi
    __ssoenv_applied_dir=
}
# Clear first, export second: whatever fails, nothing runs with the role of before.
function __ssoenv_apply {
    local r=$__ssoenv_region o=$__ssoenv_output
    __ssoenv_drop
    if [[ -n ${AWS_ACCESS_KEY_ID+x}${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_SECURITY_TOKEN+x}${AWS_PROFILE+x}${AWS_DEFAULT_PROFILE+x}${AWS_SSO_PROFILE+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_WEB_IDENTITY_TOKEN_FILE+x}${SSOENV_GIVEN+x} ]]; then
        __ssoenv_keep $__ssoenv_keys AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE SSOENV_GIVEN
    fi
    # A region or an output that the user has set since we came here is their word; outside of projects
    # any region of theirs is, for none of ours was written for the place, unless they named it to us.
    [[ $__ssoenv_p != @* || $__ssoenv_p == */region:* ]] || (( ! $#__ssoenv_kept )) || __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    if [[ -n ${AWS_REGION+x}${AWS_DEFAULT_REGION+x} && ( $__ssoenv_applied_dir == "$__ssoenv_p" || $__ssoenv_p == @* && $__ssoenv_p != */region:* ) ]]; then
        r= __ssoenv_put_region=$__ssoenv_region
    elif [[ -z $r ]]; then
        (( ! $#__ssoenv_kept )) || __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    elif [[ -n ${AWS_REGION+x}${AWS_DEFAULT_REGION+x} ]]; then
        __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
    fi
    if [[ -n ${AWS_DEFAULT_OUTPUT+x} && $__ssoenv_applied_dir == "$__ssoenv_p" ]]; then
        o=
    elif [[ -z $o ]]; then
        (( ! $#__ssoenv_kept )) || __ssoenv_give AWS_DEFAULT_OUTPUT
    elif [[ -n ${AWS_DEFAULT_OUTPUT+x} ]]; then
        __ssoenv_keep AWS_DEFAULT_OUTPUT
    fi
    __ssoenv_live_generation= __ssoenv_live_key= __ssoenv_applied_dir=$__ssoenv_p
    if [[ -n $__ssoenv_stuck ]]; then
        __ssoenv_why=$__ssoenv_stuck __ssoenv_stuck= __ssoenv_next=blocked
        return
    fi
    [[ $__ssoenv_next != blocked ]] || __ssoenv_withheld=1
    [[ -n $__ssoenv_withheld ]] || __ssoenv_live $__ssoenv_role/@role
    local -a vars=($__ssoenv_keys)
    if [[ $__ssoenv_next != live || $__ssoenv_mode != keys ]]; then
        vars=(AWS_PROFILE)
        [[ -n $__ssoenv_hold ]] || typeset -gx AWS_PROFILE=$__ssoenv_managed
    fi
    if [[ -n $r ]]; then
        vars+=(AWS_REGION AWS_DEFAULT_REGION) __ssoenv_put_region=$__ssoenv_region
        typeset -gx AWS_REGION=$__ssoenv_region AWS_DEFAULT_REGION=$__ssoenv_region
    fi
    if [[ -n $o ]]; then
        vars+=(AWS_DEFAULT_OUTPUT) __ssoenv_put_output=$__ssoenv_output
        typeset -gx AWS_DEFAULT_OUTPUT=$__ssoenv_output
    fi
    __ssoenv_applied=$__ssoenv_next:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice
    typeset -gx SSOENV_DIR=${__ssoenv_p:-/} SSOENV_LABEL=$__ssoenv_label SSOENV_VARS="$vars" SSOENV_PROFILE=$__ssoenv_name
    [[ -z $__ssoenv_lent ]] || typeset -gx SSOENV_LENT=$__ssoenv_lent
    # Only what a person chose in this shell is a choice for its children, in this project.
    [[ -z $__ssoenv_choice || $__ssoenv_choice_dir != "$__ssoenv_p" || $__ssoenv_choice != "$__ssoenv_name" ]] ||
        typeset -gx SSOENV_USE=$__ssoenv_name
}
# Read the credentials of the chosen role, and export them if they may be here. Lines: header,
# generation, deadline, key of the role, seconds that a yes holds, id, secret, token, expiration,
# cache file.
function __ssoenv_live { # FILE
    local -a line=()
    __ssoenv_lines $1
    [[ $#line -ge 10 && $line[1] == 'ssoenv 2' && $line[4] == "$__ssoenv_key" && $line[3] == <-> ]] || return 0
    __ssoenv_live_generation=$line[2] __ssoenv_live_key=$__ssoenv_key
    __ssoenv_deadline=$line[3] __ssoenv_cache_file=${(F)line[10,-1]}
    # The settings may protect a role that was not known to be the one they mean.
    __ssoenv_protect=${__ssoenv_protect:-$line[5]}
    if [[ -n $__ssoenv_protect ]]; then
        __ssoenv_may || return 0
        [[ __ssoenv_until -ge __ssoenv_deadline ]] || __ssoenv_deadline=$__ssoenv_until
    fi
    # The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
    [[ EPOCHSECONDS -lt __ssoenv_deadline && -f $__ssoenv_cache_file && $__ssoenv_role/@$__ssoenv_live_generation -nt $__ssoenv_cache_file ]] && __ssoenv_knows_config || return 0
    __ssoenv_next=live
    [[ $__ssoenv_mode == keys ]] || return 0
    __ssoenv_put_key=$line[6] __ssoenv_put_secrets="$line[7] $line[8]" __ssoenv_put_label=$__ssoenv_label __ssoenv_put_role=$__ssoenv_role
    __ssoenv_past=${__ssoenv_past:- }
    typeset -gx AWS_ACCESS_KEY_ID=$line[6] AWS_SECRET_ACCESS_KEY=$line[7] AWS_SESSION_TOKEN=$line[8] \
        AWS_CREDENTIAL_EXPIRATION=$line[9] AWS_SSO_PROFILE=$__ssoenv_label
}

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
function __ssoenv_binding { # GENERATION DEFAULT NAMES PATHS TRUSTED AGENT
    # The profile for coding agents, or `!`, is all that an agent's shell knows.
    [[ -z $__ssoenv_agent || -z ${6-} ]] || builtin set -- "$1" "$6" " $6 " '' "$5"
    __ssoenv_generation=$1 __ssoenv_default=$2 __ssoenv_names=$3 __ssoenv_table=$4 __ssoenv_trusted=$5 __ssoenv_name=$2
    [[ -z $4$__ssoenv_choice ]] || __ssoenv_select
}
function __ssoenv_profile { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT REFUSAL
    # With all nine words: a line that is cut off would say that nothing protects the role.
    [[ $# == 9 && $1 == "$__ssoenv_name" ]] || return 0
    __ssoenv_key=$2 __ssoenv_label=$3 __ssoenv_managed=$4
    __ssoenv_region=$5 __ssoenv_output=$6 __ssoenv_mode=$__ssoenv_agent$7 __ssoenv_protect=$8 __ssoenv_refusal=$9
}
# Read what is rendered in FOLDER, if it is our own and whole: its stamp is looked for after reading.
function __ssoenv_load { # FOLDER
    __ssoenv_generation= __ssoenv_key=
    [[ ! -O $1/@sh || ! -f $1/@sh || ! -r $1/@sh ]] || builtin source $1/@sh
    [[ -n $__ssoenv_generation && -f $1/@$__ssoenv_generation ]] || __ssoenv_generation=
}
# The lines of FILE, if it is our own, in the caller's `line`.
function __ssoenv_lines { # FILE
    [[ -O $1 && -f $1 && -r $1 ]] || return 0
    local text=
    builtin sysread -s 65536 text <$1 || return 0
    line=("${(@f)text}")
}

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0. Unlike bash: a call takes
# longer than most of what is called, so what is here once stands in one piece.
function __ssoenv_sync {
    [[ $PWD != "$__ssoenv_pwd" ]] || ! $__ssoenv_test || return 0
    # Keys must not appear in a trace, nor our own variables in the environment of all_export.
    builtin setopt local_options no_xtrace no_verbose no_all_export unset no_err_exit no_err_return
    builtin functions +tT $__ssoenv_untraced # whatever `functions -t` and `-T` say
    __ssoenv_p=$PWD __ssoenv_f=$PWD __ssoenv_probe= __ssoenv_next=none __ssoenv_kind=
    [[ $PWD == /* ]] || __ssoenv_p= # such as `.` in a directory that is gone
    until [[ -f $__ssoenv_p/.ssoenv.toml ]]; do
        __ssoenv_probe+=" && ! -f ${(q)__ssoenv_p}/.ssoenv.toml"
        [[ -n $__ssoenv_p ]] || { __ssoenv_f= && break }
        __ssoenv_p=${__ssoenv_p%/*}
    done
    [[ -z $__ssoenv_f ]] || __ssoenv_f=$__ssoenv_p/.ssoenv.toml
    # A hook that is no longer there gives no role, and the next prompt takes it out.
    __ssoenv_absent=
    [[ -z $__ssoenv_hook || -f $__ssoenv_hook ]] || __ssoenv_absent=1 __ssoenv_f= __ssoenv_loose=
    __ssoenv_pwd=$PWD __ssoenv_why= __ssoenv_news= __ssoenv_seen= __ssoenv_withheld=
    if [[ -n $__ssoenv_f ]]; then
        __ssoenv_judge
    elif [[ -n $__ssoenv_loose && -f $__ssoenv_root/loose/$__ssoenv_loose/@sh ]]; then
        __ssoenv_p=@$__ssoenv_loose __ssoenv_trust=$__ssoenv_root/loose/$__ssoenv_loose __ssoenv_next=armed
        __ssoenv_current || __ssoenv_why=settings
        [[ $__ssoenv_bound == "$__ssoenv_p" && -n $__ssoenv_generation && -f $__ssoenv_trust/@$__ssoenv_generation ]] || __ssoenv_load $__ssoenv_trust
        __ssoenv_bound=$__ssoenv_p
        if [[ -z $__ssoenv_generation ]]; then
            __ssoenv_next=none
            [[ -z $__ssoenv_why ]] || __ssoenv_next=blocked
        fi
    fi
    __ssoenv_dir=
    [[ $__ssoenv_next == none ]] || __ssoenv_dir=$__ssoenv_p
    [[ $__ssoenv_next != armed ]] || __ssoenv_bind
    __ssoenv_state=$__ssoenv_next
    case $__ssoenv_next in
        (none) [[ -n $__ssoenv_why ]] || __ssoenv_leave ;;
        (blocked)
            [[ -n $__ssoenv_withheld ]] || __ssoenv_leave
            [[ $__ssoenv_said == "$__ssoenv_why:$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_news=1
            ;;
    esac
    # What another tool has saved of ours it may give back in a shell that is started from here, too.
    [[ -z $__ssoenv_lent || -z ${DIRENV_DIFF-}${__MISE_DIFF-} ]] || typeset -gx SSOENV_LENT=$__ssoenv_lent
    [[ -z $__ssoenv_style ]] || __ssoenv_draw
    __ssoenv_puts=${(e)__ssoenv_environment} __ssoenv_set=${(e)__ssoenv_which} __ssoenv_diff=${DIRENV_DIFF-}${__MISE_DIFF-}
    [[ -z $__ssoenv_hold ]] || __ssoenv_puts=held
    __ssoenv_compile
    [[ $__ssoenv_quiet == 0 ]] || functions[__ssoenv_precmd]=__ssoenv_changed_prompt
    [[ -z $__ssoenv_absent ]] || __ssoenv_test=__ssoenv_unchanged_never
    __ssoenv_quiet=0
    return 0
}
# Whether the binding file __ssoenv_f may act: in __ssoenv_next and __ssoenv_why. It is read only
# after its owner and our trust say that it may matter, and no more of it than a byte too much.
function __ssoenv_judge {
    # A directory whose name begins with @ has one more there.
    __ssoenv_trust=$__ssoenv_root/trust${__ssoenv_p//\/@//@@} __ssoenv_next=blocked
    if [[ ! -O $__ssoenv_f ]]; then
        __ssoenv_why=foreign
    elif [[ ! -O $__ssoenv_trust/@toml ]]; then
        __ssoenv_why=new
    elif [[ -e $__ssoenv_config_folder || ! -f $__ssoenv_root/settings/@none ]] && ! __ssoenv_current; then
        __ssoenv_why=settings
    else
        __ssoenv_kind=${__ssoenv_kind:-n}
        # Unlike bash: exactly its bytes, in one system call; and a byte more than may be at most.
        [[ ! -f $__ssoenv_f || ! -r $__ssoenv_f || ! -s $__ssoenv_f ]] || builtin sysread -s 65537 __ssoenv_seen <$__ssoenv_f
        # A stamp that is there says that what was read before is still current.
        if [[ $__ssoenv_bound != "$__ssoenv_p" || -z $__ssoenv_generation || ! -f $__ssoenv_trust/@$__ssoenv_generation ]]; then
            __ssoenv_load $__ssoenv_trust
            __ssoenv_bound=$__ssoenv_p
        fi
        if [[ -n $__ssoenv_generation && -n $__ssoenv_seen && $__ssoenv_seen == "$__ssoenv_trusted" ]]; then
            __ssoenv_next=armed __ssoenv_asked=
        else
            __ssoenv_why=changed
            [[ $__ssoenv_asked == "$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_ask
            [[ $__ssoenv_invalid != "$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_why=invalid
        fi
    fi
}
# The program knows whether these bytes were trusted before, and mends what is half-written.
function __ssoenv_ask {
    __ssoenv_asked=$__ssoenv_f:$__ssoenv_seen __ssoenv_invalid=
    [[ -f $__ssoenv_trust/@history || -z $__ssoenv_generation ]] || return 0
    local -i code=0
    __ssoenv_program renew "${__ssoenv_p:-/}" </dev/null &>/dev/null || code=$?
    (( code != 5 )) || __ssoenv_invalid=$__ssoenv_asked
    (( code == 0 )) || return 0
    __ssoenv_load $__ssoenv_trust
    [[ -z $__ssoenv_generation || $__ssoenv_seen != "$__ssoenv_trusted" ]] || __ssoenv_next=armed __ssoenv_why= __ssoenv_asked=
}
# Whether all that is rendered is as the settings have it. If their bytes are not those that were read
# last, the program reads them, once.
function __ssoenv_current {
    __ssoenv_as_read @ok && return 0
    __ssoenv_as_read @bad && return 1
    __ssoenv_program renew </dev/null &>/dev/null
    __ssoenv_generation= __ssoenv_kind=
    __ssoenv_as_read @ok
}
function __ssoenv_as_read { # @ok|@bad: whether the settings are what that stamp holds
    local stamp=$__ssoenv_root/settings/$1
    [[ -n $__ssoenv_kind ]] || __ssoenv_look_at_settings
    case $__ssoenv_kind in
        (f) [[ -f $stamp && -r $stamp ]] && builtin sysread -s 65537 __ssoenv_reply <$stamp && [[ $__ssoenv_reply == "$__ssoenv_config_seen" ]] ;;
        (z) [[ -f $stamp && ! -s $stamp ]] ;;
        (e|l) [[ $1 == @bad && -f $stamp ]] ;;
        (*) [[ $1 == @ok && -f $__ssoenv_root/settings/@none ]] ;;
    esac
}
# What stands where the settings would, in __ssoenv_kind: a file, with its bytes in __ssoenv_config_seen;
# z an empty one; e what cannot be read, or is no text of ours; l a link to nothing; - nothing; n is no
# folder for them either.
function __ssoenv_look_at_settings {
    __ssoenv_config_seen=
    if [[ ! -e $__ssoenv_config_folder ]]; then
        __ssoenv_kind=n
    elif [[ -f $__ssoenv_config && -r $__ssoenv_config ]]; then
        __ssoenv_kind=f
        if [[ ! -s $__ssoenv_config ]]; then
            __ssoenv_kind=z
        elif ! builtin sysread -s 65537 __ssoenv_config_seen <$__ssoenv_config || (( $#__ssoenv_config_seen > 65536 )) || [[ $__ssoenv_config_seen == *$'\0'* ]]; then
            __ssoenv_kind=e __ssoenv_config_seen=
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
function __ssoenv_bind {
    local wanted=$__ssoenv_name
    [[ -z $__ssoenv_table$__ssoenv_choice ]] || __ssoenv_select
    [[ -n $__ssoenv_key && $__ssoenv_name == "$wanted" ]] || __ssoenv_load $__ssoenv_trust
    if [[ -z $__ssoenv_generation || -z $__ssoenv_key ]]; then
        __ssoenv_next=blocked __ssoenv_why=changed
        [[ -z $__ssoenv_generation || $__ssoenv_name != '!' ]] || __ssoenv_why=agents
    elif [[ -n $__ssoenv_why$__ssoenv_refusal ]] && __ssoenv_next=blocked __ssoenv_why=${__ssoenv_why:-never} && ! __ssoenv_is_own; then
        return 0 # of a file, that is as if it were not there
    elif __ssoenv_role=$__ssoenv_store/$__ssoenv_key &&
        [[ $__ssoenv_next == armed && $__ssoenv_applied == "live:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice" &&
            $__ssoenv_live_key == "$__ssoenv_key" && ${(e)__ssoenv_environment} == "$__ssoenv_puts" &&
            $__ssoenv_role/@$__ssoenv_live_generation -nt $__ssoenv_cache_file && EPOCHSECONDS -lt __ssoenv_deadline ]] && __ssoenv_knows_config; then
        # The credentials of this very profile are there as the last look left them, and still hold.
        __ssoenv_next=live
    elif [[ $__ssoenv_applied_dir == "$__ssoenv_p" ]] && __ssoenv_theirs; then
        # Set here since: that is the user's word, and nothing of ours may stand beside it.
        __ssoenv_make_way
        __ssoenv_next=none __ssoenv_why=yours __ssoenv_applied=yours
    else
        __ssoenv_apply
    fi
}
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
function __ssoenv_may {
    [[ -z $__ssoenv_protect || ( $__ssoenv_allowed == "$__ssoenv_key" && -f $__ssoenv_yes && EPOCHSECONDS -lt __ssoenv_until ) ]]
}
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
function __ssoenv_select {
    local rel=${PWD#"$__ssoenv_p"} t=$'\t' n=$'\n'
    __ssoenv_name=$__ssoenv_default
    if [[ $__ssoenv_choice_dir == "$__ssoenv_p" && -n $__ssoenv_choice &&
        $__ssoenv_names == *" $__ssoenv_choice "* ]]; then
        __ssoenv_name=$__ssoenv_choice
    elif [[ -n $__ssoenv_table ]]; then
        while [[ -n $rel ]]; do
            if [[ $rel != *[$'\t\n']* && $__ssoenv_table == *"$n$rel$t"* ]]; then
                __ssoenv_name=${__ssoenv_table#*"$n$rel$t"}
                __ssoenv_name=${__ssoenv_name%%"$n"*}
                break
            fi
            rel=${rel%/*}
        done
    fi
}
# In a script: keys of ours that came along stay where the directory gives the role that they are of. Elsewhere the
# profile takes their place, which each program asks, and which knows. No word, no sign-in, and no key where none was.
function __ssoenv_follow {
    builtin setopt local_options no_xtrace no_verbose no_all_export unset no_err_exit no_err_return
    __ssoenv_has_key || return 0
    __ssoenv_p=$PWD __ssoenv_next=none __ssoenv_kind= __ssoenv_seen= __ssoenv_key=
    [[ $PWD == /* ]] || __ssoenv_p=
    until [[ -z $__ssoenv_p || -f $__ssoenv_p/.ssoenv.toml ]]; do __ssoenv_p=${__ssoenv_p%/*}; done
    __ssoenv_f=$__ssoenv_p/.ssoenv.toml
    if [[ -f $__ssoenv_f ]]; then
        __ssoenv_judge
        [[ $__ssoenv_next != armed ]] || __ssoenv_load $__ssoenv_trust
    elif [[ ${SSOENV_DIR-} == @* && $SSOENV_DIR != @*[^A-Za-z0-9%._:/-]* && $SSOENV_DIR != *..* ]]; then
        __ssoenv_next=armed __ssoenv_key=${SSOENV_DIR#@} __ssoenv_mode=${__ssoenv_agent}keys __ssoenv_refusal= __ssoenv_protect=
    fi
    if [[ $__ssoenv_next != armed || $__ssoenv_mode != keys || -z $__ssoenv_key || -n $__ssoenv_refusal$__ssoenv_protect ]] ||
        ! __ssoenv_has_key_of $__ssoenv_store/$__ssoenv_key/@role || ! __ssoenv_knows_config; then
        __ssoenv_hand_over
    fi
}
# Make the test of this very situation, whose name is in __ssoenv_test: the environment, a few stats
# and one small read. The stamps are named after generations, so that being there means being current.
# One test for where no file applies and one for where a file does are kept, each until the situation
# has another shape: then it is made anew, of text.
function __ssoenv_compile {
    # A trace would show the environment: under one, everything is looked at, without it.
    local environment="! -o xtrace && \"$__ssoenv_environment\" == \"\$__ssoenv_puts\""
    if [[ $__ssoenv_state$__ssoenv_why == none ]]; then
        __ssoenv_test=__ssoenv_unchanged_none
        [[ ${__ssoenv_set:+s}$__ssoenv_probe != "$__ssoenv_shape_none" ]] || return 0
        __ssoenv_shape_none=${__ssoenv_set:+s}$__ssoenv_probe __ssoenv_same=
        [[ -n $__ssoenv_set ]] && environment="\"$__ssoenv_which\" == \"\$__ssoenv_set\" && $environment" || environment="-z $__ssoenv_any"
    else
        [[ -n $__ssoenv_kind ]] || __ssoenv_look_at_settings
        __ssoenv_size=$(( $#__ssoenv_seen * 4 + 1 )) __ssoenv_due=$(( __ssoenv_deadline - __ssoenv_early ))
        __ssoenv_config_size=$(( $#__ssoenv_config_seen * 4 + 1 ))
        local shape=$__ssoenv_state$__ssoenv_why:${__ssoenv_f:+f}:$__ssoenv_kind:${__ssoenv_live_generation:+l}:${__ssoenv_protect:+p}:$__ssoenv_probe
        __ssoenv_test=__ssoenv_unchanged_bound
        [[ $shape != "$__ssoenv_shape_bound" ]] || return 0
        __ssoenv_shape_bound=$shape
        __ssoenv_write
    fi
    functions[$__ssoenv_test]="[[ \$PWD == \"\$__ssoenv_pwd\" && $environment$__ssoenv_probe ]]$__ssoenv_same"
}
# The part of a test that is about a file, or about a role for wherever no project is.
function __ssoenv_write {
    # Unlike bash: sysread says nothing of a directory, and what else is no file has no size.
    local own=' && -O $__ssoenv_f && -s $__ssoenv_f'
    __ssoenv_same=' && builtin sysread -s $__ssoenv_size __ssoenv_reply <$__ssoenv_f && [[ $__ssoenv_reply == "$__ssoenv_seen" ]]'
    case $__ssoenv_state$__ssoenv_why in
        (blockednew) __ssoenv_probe+=' && -f $__ssoenv_f && ! -f $__ssoenv_trust/@toml' __ssoenv_same= ;;
        (blockedforeign) __ssoenv_probe+=' && -f $__ssoenv_f && ! -O $__ssoenv_f' __ssoenv_same= ;;
        (blockedsettings) __ssoenv_probe+=' && -f $__ssoenv_root/settings/@bad' __ssoenv_same= ;;
        # The read of one that nobody may read says so, once.
        (blockedchanged|blockedinvalid) __ssoenv_probe+=" && -f \$__ssoenv_trust/@toml$own && -r \$__ssoenv_f" ;;
        (*)
            [[ -n $__ssoenv_f ]] || own= __ssoenv_same=
            __ssoenv_probe+=" && -f \$__ssoenv_trust/@\$__ssoenv_generation$own"
            ;;
    esac
    case $__ssoenv_kind in
        (n) __ssoenv_probe+=' && ! -e $__ssoenv_config_folder' ;;
        (f)
            __ssoenv_probe+=' && -f $__ssoenv_config && -r $__ssoenv_config && -s $__ssoenv_config'
            __ssoenv_same+=' && builtin sysread -s $__ssoenv_config_size __ssoenv_reply <$__ssoenv_config && [[ $__ssoenv_reply == "$__ssoenv_config_seen" ]]'
            ;;
        (z) __ssoenv_probe+=' && -f $__ssoenv_config && ! -s $__ssoenv_config' ;;
        (e) __ssoenv_probe+=' && -n ""' ;; # what cannot be read is looked at anew each time
        (l) __ssoenv_probe+=' && -h $__ssoenv_config && ! -e $__ssoenv_config' ;;
        (*) __ssoenv_probe+=' && ! -e $__ssoenv_config && ! -h $__ssoenv_config' ;;
    esac
    case $__ssoenv_state in
        (armed)
            if [[ -n $__ssoenv_live_generation ]]; then
                __ssoenv_probe+=' && -f $__ssoenv_role/@$__ssoenv_live_generation'
            elif [[ -z $__ssoenv_protect ]]; then
                __ssoenv_probe+=' && ! -f $__ssoenv_role/@role'
            fi
            ;;
        (live)
            # Unlike bash: true only if both are there.
            __ssoenv_probe+=" && \$__ssoenv_role/@\$__ssoenv_live_generation -nt \$__ssoenv_cache_file && $__ssoenv_config_known && EPOCHSECONDS -lt __ssoenv_due"
            ;;
    esac
}
# For example, for a live role in the project itself, of a user without settings:
#   [[ $PWD == "$__ssoenv_pwd" && ! -o xtrace && 
#       "|$AWS_ACCESS_KEY_ID|$AWS_PROFILE|$AWS_REGION|$AWS_DEFAULT_REGION|$AWS_SSO_PROFILE|$AWS_CREDENTIAL_EXPIRATION|$SSOENV_LABEL|$SSOENV_DIR|${AWS_SECRET_ACCESS_KEY+i}|${AWS_SESSION_TOKEN+j}|$AWS_DEFAULT_PROFILE|${SSOENV_VARS+l}|" == "$__ssoenv_puts"
#       && -f $__ssoenv_trust/@$__ssoenv_generation
#       && -O $__ssoenv_f && -s $__ssoenv_f
#       && ! -e $__ssoenv_config_folder
#       && $__ssoenv_role/@$__ssoenv_live_generation -nt $__ssoenv_cache_file
#       && ${AWS_CONFIG_FILE-}:${HOME-} == "$__ssoenv_aws_by" && -f $__ssoenv_looked && -f $__ssoenv_aws
#       && ! $__ssoenv_aws -nt $__ssoenv_looked && ! $__ssoenv_looked -nt $__ssoenv_aws && EPOCHSECONDS -lt __ssoenv_due ]] &&
#       builtin sysread -s $__ssoenv_size __ssoenv_reply <$__ssoenv_f && [[ $__ssoenv_reply == "$__ssoenv_seen" ]]
function __ssoenv_unchanged_never { return 1 }

# --- [segment] ----------------------------------------------------------------------------------
# The role for a prompt, in __ssoenv_segment, made only when something changed. ssoenv_prompt puts it
# in front of the prompt; `ssoenv_prompt plain` leaves out colours and signs.
# Unlike bash: through psvar, which zsh shows without expanding it and without prompt_subst. The
# place says the colour: 91 live, 92 soon, 93 protected, 94 blocked, 95 armed, 96 none at all.
function ssoenv_prompt { # [plain]
    __ssoenv_style=ascii
    case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
        (*[Uu][Tt][Ff]*) [[ ${TERM-} == linux ]] || __ssoenv_style=signs ;;
    esac
    [[ ${1-} != plain && ${TERM:-dumb} != dumb ]] || __ssoenv_style=plain
    [[ -z ${NO_COLOR-} ]] || __ssoenv_style=plain
    [[ ${PROMPT-} == *%91v* ]] || PROMPT="$__ssoenv_marks${PROMPT-}"
    __ssoenv_pwd=
}
typeset -g __ssoenv_marks='%(91V.%F{green}%91v%f .)%(92V.%F{yellow}%92v%f .)%(93V.%K{red}%F{15}%93v%f%k .)%(94V.%F{red}%94v%f .)%(95V.%F{8}%95v%f .)%(96V.%96v .)'
function __ssoenv_draw {
    local text=$__ssoenv_label kind=$__ssoenv_state
    local -i left place
    __ssoenv_early=0 __ssoenv_segment=
    for place in {91..96}; do psvar[place]=; done
    case $__ssoenv_state in
        (none) return 0 ;;
        (blocked)
            case $__ssoenv_why in
                (new) text='.ssoenv.toml not trusted' ;;
                (settings) text='settings broken' ;;
                (never)
                    text='.ssoenv.toml ruled out'
                    [[ $__ssoenv_why != never ]] || ! __ssoenv_is_own || text="$__ssoenv_label ruled out"
                    ;;
                (agents) text='no role for agents' ;;
                (*) text=".ssoenv.toml ${__ssoenv_why%% *}" ;;
            esac
            ;;
        (armed)
            # Those of a protected role may be good, and wait for a yes.
            [[ -z $__ssoenv_live_generation || $__ssoenv_live_key != "$__ssoenv_key" ]] || ! __ssoenv_may || text+=' expired'
            ;;
        (live)
            left=$((__ssoenv_deadline - EPOCHSECONDS)) __ssoenv_early=600
            if ((left <= 600)); then
                text+=" $(((left + 59) / 60))m" kind=soon
                __ssoenv_early=$(((left - 1) / 60 * 60))
            fi
            ;;
    esac
    [[ -z $__ssoenv_protect || $__ssoenv_state == blocked ]] || kind=protected
    case $__ssoenv_style:$kind:$__ssoenv_state in
        (signs:protected:*) text="▲ $text" ;;
        (signs:blocked:*) text="✗ $text" ;;
        (signs:*:live) text="● $text" ;;
        (signs:*) text="○ $text" ;;
        (*:protected:live) text="(!$text)" ;;
        (*:protected:*) text="(!$text?)" ;;
        (*:armed:*) text="($text?)" ;;
        (*) text="($text)" ;;
    esac
    __ssoenv_segment="$text "
    case $kind in
        (live) place=91 ;;
        (soon) place=92 ;;
        (protected) place=93 ;;
        (blocked) place=94 ;;
        (*) place=95 ;;
    esac
    [[ $__ssoenv_style != plain ]] || place=96
    psvar[place]=$text
}

# --- [run] --------------------------------------------------------------------------------------
# What a wrapper does: be sure of the role, and run the command with it, or not at all.
function __ssoenv_wrap { # COMMAND ARGUMENT...
    __ssoenv_ready "$@" || return
    __ssoenv_run "$@"
}
function __ssoenv_ready { # COMMAND ARGUMENT...
    __ssoenv_sync
    case $__ssoenv_state in
        (blocked)
            local -i code=4
            case $__ssoenv_why in
                (new|foreign) return 0 ;;
                (never|agents) code=6 ;;
                (settings|invalid) code=5 ;;
            esac
            __ssoenv_completing || __ssoenv_tell
            return $code
            ;;
        (armed)
            ! __ssoenv_completing || return 0
            [[ -z $__ssoenv_hold ]] && ! __ssoenv_waits || __ssoenv_ensure "$@"
            ;;
    esac
}
# Have the program fetch credentials, and ask first where the role is protected. A yes is a file with
# the name that we made up: no exit code, and no word of the command, can be one. 9 says that the command
# needs no role: it asks for help, sets itself up, or names a profile. Where the program is not there any
# more, neither is what the managed profile runs, and nothing has a role.
function __ssoenv_ensure { # COMMAND ARGUMENT...
    local -i code=0
    local of=$__ssoenv_key token=$$.$((++__ssoenv_turn)).${RANDOM-0}${RANDOM-0}.$EPOCHSECONDS
    __ssoenv_program ensure "${__ssoenv_dir:-/}" "$__ssoenv_name" $token "$@" </dev/null >&2 || code=$?
    case $code in
        (0) ;;
        (9|126|127) return 0 ;;
        (*) return $code ;;
    esac
    if [[ -O $__ssoenv_root/answers/$token ]]; then
        __ssoenv_yes=$__ssoenv_root/answers/$token
        __ssoenv_until=$(<$__ssoenv_yes) __ssoenv_allowed=$of
    elif [[ -n $__ssoenv_protect ]] && ! __ssoenv_may; then
        return 6
    fi
    __ssoenv_pwd=
    __ssoenv_sync
}
# A completion and a key binding never sign in. Only the line editor's own variable says that it is
# one, not one of that name from the environment.
function __ssoenv_completing {
    [[ ${(t)WIDGET-} == *special* ]]
}
# The AWS CLI's first word that is no option, nor the value of one, in the caller's `first`, and the next in
# `second`.
function __ssoenv_subcommand { # COMMAND ARGUMENT...
    local a value=
    for a in "${@:2}"; do
        if [[ -n $value ]]; then
            value=
            continue
        fi
        case $a in
            (--region|--output|--query|--color|--endpoint-url|--ca-bundle|--profile|--cli-read-timeout|--cli-connect-timeout|--cli-binary-format|--cli-error-format) value=1 ;;
            (-*) ;;
            (*)
                [[ -z $first ]] || { second=$a && break }
                first=$a
                ;;
        esac
    done
}
# A coding agent moves between projects, and its commands with it: it is started without a key of ours. No sign-in, and
# where no role of ours is, as without this hook.
function __ssoenv_start { # COMMAND ARGUMENT...
    __ssoenv_sync
    if [[ $__ssoenv_state == (armed|live) || -n $__ssoenv_withheld ]]; then
        (
            # What a person took beside the project's own profiles is for no agent, nor are its region and label.
            [[ $__ssoenv_name != */* || $__ssoenv_dir == @* ]] || __ssoenv_choose ''
            __ssoenv_hand_over
            exec command "$@"
        )
    else
        command "$@"
    fi
}
function __ssoenv_run { # COMMAND ARGUMENT...
    if __ssoenv_sets_up "$@"; then
        builtin set -- env $__ssoenv_no_profile "$@"
    elif [[ -n $__ssoenv_hold && $__ssoenv_state == (armed|live) ]] && __ssoenv_has_none; then
        # Another command on the line has no profile of ours; this one keeps it.
        __ssoenv_with_profile "$@"
        return
    fi
    command "$@"
}
# Whether the AWS CLI sets itself up: it writes into the section of the profile that is set, which must not
# be ours.
function __ssoenv_sets_up { # COMMAND ARGUMENT...
    local first= second=
    [[ $1 == aws ]] && { [[ -n $__ssoenv_hold ]] || __ssoenv_has_profile } || return
    __ssoenv_subcommand "$@"
    [[ $first == (configure|sso|login|logout) && $first:$second != configure:export-credentials ]]
}
# Whether LINE has the AWS CLI set itself up somewhere, behind whatever words: `aws` and then, of its own
# words, such a one; quotes, brackets and backslashes aside.
function __ssoenv_line_sets_up { # LINE
    [[ $1 == *aws* && $1 == *(configure|sso|login|logout)* ]] || return
    local -a words=(${=${1//[;|&$'\n']/ ; }//[\"\'\`\\(){}]/ })
    local -i at
    local __ssoenv_hold=1
    for (( at = 1; at <= $#words; at++ )); do
        [[ ${${words[at]##*/}#=} == aws ]] || continue
        ! __ssoenv_sets_up aws ${words[at+1,-1]} || return 0
    done
    return 1
}
# Whether it is this shell that has chosen what may not act, and no file. Then programs go on asking the managed
# profile, which says why there is no role: without it they would run as whoever is this machine's default.
function __ssoenv_is_own {
    [[ $__ssoenv_dir == @* || ( -n $__ssoenv_choice && $__ssoenv_choice_dir == "$__ssoenv_dir" && $__ssoenv_choice == "$__ssoenv_name" ) ]]
}
# Say, once, what keeps a binding file, or what this shell has chosen, from acting. (q+): a path may hold anything.
function __ssoenv_tell {
    local what= fix='see what it does now, and trust it: ssoenv trust' path_=$__ssoenv_dir/.ssoenv.toml
    local subject=${(q+)path_}
    # Of what is not ASCII it leaves all alone that has a width, or none: letters are shown.
    subject=${subject//[^[:ascii:][:alnum:]]/?}
    [[ $__ssoenv_dir != @* ]] || subject='the role chosen in this shell'
    case $__ssoenv_why in
        (new) what='is not trusted' fix='see what it asks for, and trust it: ssoenv trust' ;;
        (foreign) what='belongs to somebody else' fix='it does nothing here' ;;
        (changed)
            what='was changed since you trusted it'
            fix="$fix (or not: ssoenv untrust)"
            ;;
        (invalid) what='is invalid' fix='see what is wrong: ssoenv status' ;;
        (settings) what='cannot act while your settings cannot be read' fix='see what is wrong: ssoenv status' ;;
        (agents) what='gives no role to coding agents: your settings say agents = "none"' fix='see: ssoenv status' ;;
        (never)
            what="asks for what you have ruled out: $__ssoenv_refusal" fix='see: ssoenv status'
            ! __ssoenv_is_own || subject='the role chosen in this shell' what="is ruled out: $__ssoenv_refusal" fix='go without it: ssoenv use --none'
            ;;
        (*) what="cannot act: $__ssoenv_why" fix='start a new shell without that' ;;
    esac
    builtin print -rlu2 -- "ssoenv: $subject $what" "  $fix"
    __ssoenv_said=$__ssoenv_why:$__ssoenv_f:$__ssoenv_seen __ssoenv_news=
}

# --- [hooks] ------------------------------------------------------------------------------------
# Unlike bash: a call costs more than the test, so where nothing changed for a second prompt, the
# prompt's own function becomes the test.
function __ssoenv_changed_prompt {
    __ssoenv_hold=
    # Unlike bash: a call takes longer than what it begins with.
    [[ $PWD == "$__ssoenv_pwd" ]] && $__ssoenv_test || __ssoenv_sync
    # `ssoenv setup --undo` removes the file.
    [[ -z $__ssoenv_hook || -f $__ssoenv_hook ]] || { __ssoenv_uninstall; return 0 }
    [[ -z $__ssoenv_past ]] || __ssoenv_forget
    [[ -z $__ssoenv_news ]] || __ssoenv_tell
    (( ++__ssoenv_quiet < 2 )) ||
        functions[__ssoenv_precmd]="$functions[$__ssoenv_test] || __ssoenv_changed_prompt"
}
# Unlike bash: a line is looked at before it runs. What has become of the role since the prompt counts,
# however that came; a profile of the user's in the line does not run beside our keys; and what no
# wrapper sees (a path, command, env, sudo, xargs) is seen.
function __ssoenv_preexec { # TYPED SHORT FULL
    $__ssoenv_test || __ssoenv_sync
    [[ -z $__ssoenv_past ]] || __ssoenv_forget
    # For a line that has the AWS CLI set itself up, there is no profile of ours for it to write into. The
    # next prompt has it again.
    __ssoenv_hold=
    if __ssoenv_line_sets_up "$3"; then
        __ssoenv_hold=1
        __ssoenv_set_aside
    fi
    case $__ssoenv_state in
        (none) return 0 ;;
        (live)
            if [[ $__ssoenv_mode == keys ]]; then
                [[ $3 != *AWS_(DEFAULT_|)PROFILE=* ]] || __ssoenv_yield
                return 0
            fi
            ;;
    esac
    local word
    local -a words=(${(z)3}) rest=()
    local -i hidden=0 position=1
    for word in $words; do
        shift words
        case $word in
            (';'|'|'|'||'|'&&'|'&'|'|&'|$'\n'|'('|'{'|'!'|do|then|else|elif|if|while|until|time)
                position=1 hidden=0
                continue
                ;;
            (command|exec|env|sudo|nohup|xargs|nice|noglob|builtin|timeout|watch)
                (( position )) && hidden=1
                continue
                ;;
            (-*|[A-Za-z_]*=*|<->) (( position )) && continue ;;
        esac
        if (( position )) && [[ $word == */* || $hidden == 1 ]] &&
            (( ${__ssoenv_commands[(Ie)${word:t}]} )); then
            rest=(${(Q)words[1,${words[(i)(;|\||\|\||&&|&|\|&|$'\n')]}-1]})
            [[ $3 == *(--help|--version|--profile)* || ( -n $__ssoenv_hold && ${word:t} == aws ) ]] || __ssoenv_ready ${word:t} $rest
            return 0
        fi
        position=0
    done
    return 0
}

# --- [command] ----------------------------------------------------------------------------------
# `use` changes this very shell; everything else is the program's.
function ssoenv {
    local -i code=0
    local picked
    # What stands behind `--` is a name.
    [[ ${1-} != use || ${2-} != -- || ${3-} == -?* ]] || builtin set -- use "${@:3}"
    if [[ ${1-} == use && ( $# -le 2 && ( ${2-} != -* || ${2-} == - || ${2-} == --none ) ||
        ${2-} == --(session|region)* || ${2-} == -s* || ${3-} == --(session|region)* || ${3-} == -s* ) ]]; then
        if [[ $# -eq 2 ]]; then
            __ssoenv_use "$2" || code=$?
            (( code == 1 )) || return $code
        fi
        code=0
        # No program can change this shell: it finds out which is meant, or asks.
        picked=$(__ssoenv_program use --answer "${@:2}") || return
        [[ $picked != @* ]] || __ssoenv_take "${picked#@}"
        [[ $picked == @* ]] || __ssoenv_use "$picked" || code=$?
        if [[ -n $__ssoenv_agent ]] && (( code == 1 )); then
            builtin print -ru2 -- "ssoenv: coding agents have the profile $__ssoenv_name here, and no other"
            code=6
        fi
        (( code == 0 )) || return $code
        __ssoenv_sync
        return 0
    fi
    # What the program is told of this shell has to be true, whatever changed directory before it.
    __ssoenv_sync
    # Whoever takes something back means a yes to a protected role, too.
    case ${1-} in (logout|untrust|trust) __ssoenv_allowed= ;; esac
    local -x SSOENV_HOOK=1 # tells the program that this shell has a hook
    __ssoenv_program "$@" || code=$?
    __ssoenv_pwd=
    __ssoenv_sync
    return $code
}
function __ssoenv_take { # KEY: of a role for wherever no project is, or none
    [[ -z $__ssoenv_loose || $__ssoenv_loose == "$1" ]] || __ssoenv_loosed=$__ssoenv_loose
    __ssoenv_loose=$1 __ssoenv_pwd=
}
function __ssoenv_choose { # PROFILE, or '' for none
    __ssoenv_choice=$1 __ssoenv_pwd= __ssoenv_key=
    __ssoenv_sync
}
function __ssoenv_use { # NAME|-|--none: false if only the program can tell what it means
    local to=$1
    __ssoenv_sync
    if [[ ( $1 == --none || $1 == - ) && ( $__ssoenv_state == none || $__ssoenv_dir == @* ) ]]; then
        to=
        if [[ $1 == - ]]; then
            to=$__ssoenv_loosed
            [[ $to != "$__ssoenv_loose" && -f $__ssoenv_root/loose/$to/@sh ]] || return 1
        fi
        __ssoenv_take "$to"
        __ssoenv_sync
        return 0
    fi
    [[ $__ssoenv_state == armed || $__ssoenv_state == live || $__ssoenv_why == never ]] || return 1
    # The one before is that of this project; it may have been no choice.
    [[ $to != - || $__ssoenv_before != "$__ssoenv_dir:"* ]] || to=${__ssoenv_before#"$__ssoenv_dir:"}
    [[ $to != --none ]] || to=
    [[ -z $to && -n $1 || -n $to && $__ssoenv_names == *" $to "* ]] || return 1
    local was=$__ssoenv_choice had=$__ssoenv_name
    [[ $__ssoenv_choice_dir == "$__ssoenv_dir" ]] || was=
    __ssoenv_choice_dir=$__ssoenv_dir
    __ssoenv_choose "$to"
    if [[ $__ssoenv_why == never && $1 != --none ]]; then
        # What the settings rule out is no choice: this shell stays with what it had.
        __ssoenv_tell
        __ssoenv_choose "$was"
        return 6
    fi
    [[ $had == "$__ssoenv_name" ]] || __ssoenv_before=$__ssoenv_dir:$was
}

# --- [install] ----------------------------------------------------------------------------------
# Whether a coding agent owns this shell, by what it has set for its commands. Its ancestors, which tell, too, are for
# the program to look at: it refuses what an agent may not have.
function __ssoenv_find_agent {
    local v
    typeset -g +x __ssoenv_agent= __ssoenv_store=$__ssoenv_root/roles
    for v in $__ssoenv_agent_marks; do
        [[ ${(L)${(P)v-}} == (|0|false) ]] || __ssoenv_agent=agent- __ssoenv_store=$__ssoenv_root/agents/roles
    done
}
# A name that the user has made a function stays theirs.
function __ssoenv_define { # NAME BODY
    (( ! ${+functions[$1]} )) || return 0
    functions[$1]=$2
    __ssoenv_defined+=($1)
}
function __ssoenv_install {
    local c
    # One that the environment brought along would hide the clock.
    [[ ${(t)EPOCHSECONDS} == *special* ]] || builtin unset EPOCHSECONDS
    builtin zmodload -F zsh/datetime p:EPOCHSECONDS
    for c in $__ssoenv_agents; do
        __ssoenv_define $c "__ssoenv_start $c \"\$@\""
    done
    for c in $__ssoenv_commands; do
        __ssoenv_define $c "__ssoenv_wrap $c \"\$@\""
    done
    # The last place of each: what others give back there is seen at once.
    typeset -ga precmd_functions chpwd_functions preexec_functions
    precmd_functions=(${precmd_functions:#__ssoenv_precmd} __ssoenv_precmd)
    chpwd_functions=(${chpwd_functions:#__ssoenv_sync} __ssoenv_sync)
    preexec_functions=(${preexec_functions:#__ssoenv_preexec} __ssoenv_preexec)
}
function __ssoenv_install_in_script {
    builtin zmodload -aF zsh/system b:sysread
    __ssoenv_reset
    __ssoenv_adopt
    __ssoenv_find_agent
    # A choice that a person made in the shell around is theirs here, too.
    __ssoenv_choice=${SSOENV_USE-} __ssoenv_choice_dir=${${SSOENV_DIR-}%/}
    typeset -ga chpwd_functions
    chpwd_functions=(${chpwd_functions:#__ssoenv_follow} __ssoenv_follow)
    __ssoenv_follow
}

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
function __ssoenv_uninstall {
    builtin setopt local_options no_xtrace no_verbose
    __ssoenv_leave
    precmd_functions=(${precmd_functions:#__ssoenv_precmd})
    chpwd_functions=(${chpwd_functions:#__ssoenv_sync})
    preexec_functions=(${preexec_functions:#__ssoenv_preexec})
    PROMPT=${PROMPT//"$__ssoenv_marks"/}
    # What setup's lines in the start-up file have made of TAB.
    [[ $(bindkey '^I') != *__ssoenv_tab ]] || bindkey '^I' expand-or-complete
    [[ -z ${widgets[__ssoenv_tab]-} ]] || zle -D __ssoenv_tab
    (( ! ${+functions[compdef]} )) || compdef -d ssoenv 2>/dev/null
    builtin unfunction -- $__ssoenv_defined ssoenv ssoenv_prompt
    builtin unset -m '__ssoenv_*'
    builtin unfunction -m '__ssoenv_*'
}

if [[ -o interactive ]]; then
    builtin zmodload -aF zsh/system b:sysread # what follows reads the settings already
    if [[ ${__ssoenv_loaded-} != "$$" ]]; then
        typeset -ga __ssoenv_defined=()
        typeset -g +x __ssoenv_renewed=
        __ssoenv_settings
        __ssoenv_reset
        __ssoenv_adopt
    fi
    typeset -g +x __ssoenv_loaded=$$
    typeset -g +x __ssoenv_test=__ssoenv_unchanged_never __ssoenv_shape_none=- __ssoenv_shape_bound=- __ssoenv_kind=
    functions[__ssoenv_precmd]='__ssoenv_changed_prompt'
    __ssoenv_settings
    __ssoenv_find_agent
    # This text may be older than the settings: then the program writes it anew, and it is read again.
    if [[ -z $__ssoenv_renewed ]] && ! __ssoenv_as_read @ok && ! __ssoenv_as_read @bad; then
        __ssoenv_program renew </dev/null &>/dev/null
        __ssoenv_renewed=1
        [[ ! -O $__ssoenv_root/hook.zsh || ! -f $__ssoenv_root/hook.zsh ]] || builtin source $__ssoenv_root/hook.zsh
    fi
    __ssoenv_renewed=
    typeset -g +x __ssoenv_hook=$__ssoenv_root/hook.zsh
    [[ -f $__ssoenv_hook ]] || __ssoenv_hook=
    __ssoenv_install
else
    # A script that reads the rc file has the program, and where keys of ours came along, what keeps them right.
    builtin unfunction ssoenv
    function ssoenv_prompt { true }
    __ssoenv_settings
    ! __ssoenv_has_key || __ssoenv_install_in_script
fi
