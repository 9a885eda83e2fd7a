# ssoenv for zsh 5.1 and newer: the role of the directory you are in, and nothing left behind.
# In ~/.zshrc, at its end:  eval "$(ssoenv hook zsh)"
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.
# Unlike bash: `ssoenv hook` hands this file over inside `emulate zsh -o no_aliases -c '...'`, so that
# no option and no alias of the user's reaches into it; that holds for the functions later, too.

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`.
function __ssoenv_settings {
    typeset -g __ssoenv_root=__SSOENV_STATE__
    typeset -ga __ssoenv_commands=(__SSOENV_COMMANDS__)
}
function __ssoenv_program { command __SSOENV_EXE__ "$@" }

# --- [state] ------------------------------------------------------------------------------------
# What this shell knows between prompts. None of it is exported, and none of it is a secret of ours.
#   __ssoenv_state     none, blocked, armed or live
#   __ssoenv_why       why blocked: new, changed, foreign or readonly
#   __ssoenv_dir       the project, as its binding file has it ('' for /)
#   __ssoenv_profile_  name, key, label, managed, region, output, mode, protect: the chosen profile
#   __ssoenv_seen      the bytes of the binding file, and __ssoenv_trusted the bytes trusted for it
#   __ssoenv_bound     the project that generation, names, trusted and the profile are of: kept after
#                      leaving it, for coming back
#   __ssoenv_applied   what the exported variables were made from; differs: they are made anew
#   __ssoenv_vars      the names of the variables that are ours now; __ssoenv_puts what they are
#                      then, but for the keys: their id says whose they are
#   __ssoenv_kept      the user's own, put away by name until we leave
#   __ssoenv_loose     the key of a role for wherever no project is: ssoenv use ACCOUNT/ROLE
#   __ssoenv_allowed   the protected role that this shell may use, until __ssoenv_until
#   __ssoenv_segment   what the prompt shows, and __ssoenv_style how; __ssoenv_early is how many
#                      seconds before the deadline it has to change
function __ssoenv_reset {
    typeset -g +x __ssoenv_state=none __ssoenv_why= __ssoenv_dir= __ssoenv_pwd= __ssoenv_seen=
    typeset -g +x __ssoenv_applied= __ssoenv_puts= __ssoenv_stuck= __ssoenv_reply=
    typeset -g +x __ssoenv_generation= __ssoenv_default= __ssoenv_names= __ssoenv_table=
    typeset -g +x __ssoenv_name= __ssoenv_key= __ssoenv_label= __ssoenv_managed=
    typeset -g +x __ssoenv_region= __ssoenv_output= __ssoenv_mode= __ssoenv_protect=
    typeset -g +x __ssoenv_live_generation= __ssoenv_live_key= __ssoenv_cache_file=
    typeset -g +x __ssoenv_choice= __ssoenv_choice_dir= __ssoenv_before= __ssoenv_news= __ssoenv_said=
    typeset -g +x __ssoenv_p= __ssoenv_f= __ssoenv_probe= __ssoenv_next= __ssoenv_trust= __ssoenv_role=
    typeset -g +x __ssoenv_loose= __ssoenv_bound= __ssoenv_trusted= __ssoenv_allowed= __ssoenv_segment= __ssoenv_style=
    typeset -gi +x __ssoenv_deadline=0 __ssoenv_quiet=0 __ssoenv_until=0 __ssoenv_early=0
    typeset -ga __ssoenv_vars=()
    typeset -gA __ssoenv_kept=() __ssoenv_plain=()
}
typeset -ga __ssoenv_secrets=(
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION
)
typeset -ga __ssoenv_ours=(
    $__ssoenv_secrets
    AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
    AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
)
# What a parent shell or a tmux server exported is ours to take away; only names that we know.
function __ssoenv_adopt {
    local v
    for v in $__ssoenv_ours; do
        [[ " ${SSOENV_VARS-} " != *" $v "* ]] || __ssoenv_vars+=($v)
    done
    __ssoenv_snapshot
    __ssoenv_puts=$__ssoenv_reply __ssoenv_applied=inherited
}
# Unlike bash: EPOCHSECONDS is always there, once its module is loaded.

# --- [variables] --------------------------------------------------------------------------------
# All that tells whether somebody changed what we made, in __ssoenv_reply; no secret is in it.
function __ssoenv_snapshot {
    __ssoenv_reply="${AWS_ACCESS_KEY_ID-}|${AWS_PROFILE-}|${AWS_DEFAULT_PROFILE-}|${AWS_REGION-}|${AWS_DEFAULT_REGION-}|${AWS_DEFAULT_OUTPUT-}|${AWS_SSO_PROFILE-}|"
}
# Put the user's own values away, of the variables NAME..., so that leaving gives them back.
function __ssoenv_keep { # NAME...
    local v
    for v in "$@"; do
        (( ${(P)+v} )) || continue
        if [[ ${(Pt)v} == *readonly* ]]; then
            __ssoenv_stuck="$v is readonly in this shell"
            continue
        fi
        __ssoenv_kept[$v]=${(P)v}
        [[ ${(Pt)v} == *export* ]] || __ssoenv_plain[$v]=1
        unset -- $v
    done
}
# Take away what is ours and give back what the user had, unless they have changed it since.
function __ssoenv_clear {
    local v
    __ssoenv_snapshot
    [[ $__ssoenv_reply == "$__ssoenv_puts" ]] || __ssoenv_disown
    (( ! $#__ssoenv_vars )) || unset -- $__ssoenv_vars
    for v in ${(k)__ssoenv_kept}; do
        (( ! ${(P)+v} && ${__ssoenv_vars[(Ie)$v]} )) || continue
        if (( ${+__ssoenv_plain[$v]} )); then
            typeset -g -- "$v=${__ssoenv_kept[$v]}"
        else
            typeset -gx -- "$v=${__ssoenv_kept[$v]}"
        fi
    done
    __ssoenv_vars=() __ssoenv_kept=() __ssoenv_plain=() __ssoenv_puts= __ssoenv_applied=
    unset SSOENV_DIR SSOENV_LABEL SSOENV_VARS
}
# Take the names of what the user has changed out of __ssoenv_vars: those stay as they are.
function __ssoenv_disown {
    local v list
    local -a then=("${(@s:|:)__ssoenv_puts}") mine=()
    for list in "$__ssoenv_secrets AWS_WEB_IDENTITY_TOKEN_FILE" AWS_PROFILE \
        AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_SSO_PROFILE; do
        v=${list%% *}
        [[ ${(P)v-} != "$then[1]" ]] || mine+=(${=list})
        shift then
    done
    __ssoenv_vars=(${__ssoenv_vars:*mine})
}

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
function __ssoenv_binding { # GENERATION DEFAULT NAMES PATHS
    __ssoenv_generation=$1 __ssoenv_default=$2 __ssoenv_names=$3 __ssoenv_table=$4 __ssoenv_name=$2
    [[ -z $4$__ssoenv_choice ]] || __ssoenv_select
}
function __ssoenv_profile { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT
    [[ $1 == "$__ssoenv_name" ]] || return 0
    __ssoenv_key=$2 __ssoenv_label=$3 __ssoenv_managed=$4
    __ssoenv_region=$5 __ssoenv_output=$6 __ssoenv_mode=$7 __ssoenv_protect=$8
}
# The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
function __ssoenv_live { # GENERATION DEADLINE CACHE-FILE KEY-ID SECRET TOKEN EXPIRATION
    __ssoenv_live_generation=$1 __ssoenv_live_key=$__ssoenv_key __ssoenv_deadline=$2 __ssoenv_cache_file=$3
    [[ -z $__ssoenv_protect || __ssoenv_until -ge $2 ]] || __ssoenv_deadline=$__ssoenv_until
    [[ EPOCHSECONDS -lt __ssoenv_deadline && -f $3 && ! $3 -nt $__ssoenv_role/@sh ]] || return 0
    __ssoenv_next=live
    [[ $__ssoenv_mode == keys ]] || return 0
    typeset -gx AWS_ACCESS_KEY_ID=$4 AWS_SECRET_ACCESS_KEY=$5 AWS_SESSION_TOKEN=$6 \
        AWS_CREDENTIAL_EXPIRATION=$7 AWS_SSO_PROFILE=$__ssoenv_label
}

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
function __ssoenv_sync {
    __ssoenv_unchanged && return 0
    # Keys must not appear in a trace, nor our own variables in the environment of all_export.
    setopt local_options no_xtrace no_all_export unset no_err_exit no_err_return
    __ssoenv_resync
    return 0
}
function __ssoenv_resync {
    __ssoenv_p=$PWD __ssoenv_probe= __ssoenv_next=none
    while true; do
        __ssoenv_f=$__ssoenv_p/.ssoenv.toml
        [[ -f $__ssoenv_f ]] && break
        __ssoenv_probe+=" && ! -f ${(q)__ssoenv_f}"
        if [[ -z $__ssoenv_p ]]; then
            __ssoenv_f=
            break
        fi
        __ssoenv_p=${__ssoenv_p%/*}
    done
    __ssoenv_pwd=$PWD __ssoenv_why= __ssoenv_news=
    if [[ -z $__ssoenv_f && -n $__ssoenv_loose && -r $__ssoenv_root/loose/$__ssoenv_loose/@sh ]]; then
        __ssoenv_p=@$__ssoenv_loose __ssoenv_trust=$__ssoenv_root/loose/$__ssoenv_loose __ssoenv_next=armed
        [[ $__ssoenv_bound == "$__ssoenv_p" && -f $__ssoenv_trust/@$__ssoenv_generation ]] || __ssoenv_generation=
        __ssoenv_bound=$__ssoenv_p __ssoenv_dir=$__ssoenv_p __ssoenv_seen=
        __ssoenv_bind
        __ssoenv_state=$__ssoenv_next
        [[ -z $__ssoenv_style ]] || __ssoenv_draw
        __ssoenv_compile
        return
    fi
    if [[ -z $__ssoenv_f ]]; then
        [[ -z $__ssoenv_applied ]] || __ssoenv_clear
        __ssoenv_state=none __ssoenv_dir= __ssoenv_seen=
        [[ -z $__ssoenv_style ]] || __ssoenv_draw
        __ssoenv_define_unchanged
        return
    fi
    __ssoenv_trust=$__ssoenv_root/trust$__ssoenv_p
    [[ $__ssoenv_bound == "$__ssoenv_p" ]] || __ssoenv_generation=
    __ssoenv_read $__ssoenv_f
    __ssoenv_seen=$__ssoenv_reply __ssoenv_next=blocked
    # A stamp that is there says that what was read before is still current.
    if [[ ! -O $__ssoenv_f ]]; then
        __ssoenv_why=foreign
    elif [[ ! -f $__ssoenv_trust/@toml ]]; then
        __ssoenv_why=new
    else
        if [[ -z $__ssoenv_generation || ! -f $__ssoenv_trust/@$__ssoenv_generation ]]; then
            __ssoenv_read $__ssoenv_trust/@toml
            __ssoenv_trusted=$__ssoenv_reply __ssoenv_bound=$__ssoenv_p __ssoenv_generation=
        fi
        if [[ -n $__ssoenv_seen && $__ssoenv_seen == "$__ssoenv_trusted" ]]; then
            __ssoenv_next=armed
        else
            __ssoenv_why=changed
        fi
    fi
    __ssoenv_dir=$__ssoenv_p
    [[ $__ssoenv_next != armed ]] || __ssoenv_bind
    __ssoenv_state=$__ssoenv_next
    if [[ $__ssoenv_next == blocked ]]; then
        [[ -z $__ssoenv_applied ]] || __ssoenv_clear
        [[ $__ssoenv_said == "$__ssoenv_why:$__ssoenv_f:$__ssoenv_seen" ]] || __ssoenv_news=1
        __ssoenv_key=
    fi
    [[ -z $__ssoenv_style ]] || __ssoenv_draw
    __ssoenv_compile
}
# The bytes of FILE in __ssoenv_reply; empty where it cannot be read, or holds a NUL.
function __ssoenv_read { # FILE
    __ssoenv_reply=
    [[ -r $1 ]] || return 0
    # Unlike bash: $(<file) starts no process. It drops newlines at the end, on both sides.
    __ssoenv_reply="$(<$1)"
    [[ $__ssoenv_reply != *$'\0'* ]] || __ssoenv_reply=
}
# A trusted binding: choose its profile and make the variables, if they are not already so.
function __ssoenv_bind {
    local wanted=$__ssoenv_name
    [[ -z $__ssoenv_generation || -z $__ssoenv_table$__ssoenv_choice ]] || __ssoenv_select
    if [[ -z $__ssoenv_generation || -z $__ssoenv_key || $__ssoenv_name != "$wanted" ]]; then
        [[ ! -r $__ssoenv_trust/@sh ]] || builtin source $__ssoenv_trust/@sh
        if [[ -z $__ssoenv_generation ]]; then
            __ssoenv_next=blocked __ssoenv_why=changed
            return
        fi
    fi
    __ssoenv_role=$__ssoenv_root/roles/$__ssoenv_key
    if [[ $__ssoenv_applied == "live:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name" &&
        $__ssoenv_live_key == "$__ssoenv_key" && -f $__ssoenv_role/@$__ssoenv_live_generation &&
        -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@sh &&
        EPOCHSECONDS -lt __ssoenv_deadline ]]; then
        __ssoenv_next=live
        return
    fi
    __ssoenv_apply
}
# Clear first, export second: whatever fails, nothing runs with the role of before.
function __ssoenv_apply {
    [[ -z $__ssoenv_applied ]] || __ssoenv_clear
    if [[ -n ${AWS_ACCESS_KEY_ID+x}${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_PROFILE+x}${AWS_DEFAULT_PROFILE+x}${AWS_REGION+x}${AWS_DEFAULT_REGION+x}${AWS_DEFAULT_OUTPUT+x}${AWS_SSO_PROFILE+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_WEB_IDENTITY_TOKEN_FILE+x} ]]; then
        __ssoenv_keep $__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
        [[ -z $__ssoenv_region ]] || __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
        [[ -z $__ssoenv_output ]] || __ssoenv_keep AWS_DEFAULT_OUTPUT
    fi
    __ssoenv_live_generation= __ssoenv_live_key=
    __ssoenv_vars=($__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE)
    if [[ -n $__ssoenv_stuck ]]; then
        __ssoenv_why=$__ssoenv_stuck __ssoenv_stuck= __ssoenv_next=blocked __ssoenv_applied=stuck
        __ssoenv_vars=(${(k)__ssoenv_kept})
    else
        if [[ -r $__ssoenv_role/@sh ]] && __ssoenv_may; then builtin source $__ssoenv_role/@sh; fi
        if [[ $__ssoenv_next == armed || $__ssoenv_mode != keys ]]; then
            typeset -gx AWS_PROFILE=$__ssoenv_managed
        fi
        if [[ -n $__ssoenv_region ]]; then
            __ssoenv_vars+=(AWS_REGION AWS_DEFAULT_REGION)
            typeset -gx AWS_REGION=$__ssoenv_region AWS_DEFAULT_REGION=$__ssoenv_region
        fi
        if [[ -n $__ssoenv_output ]]; then
            __ssoenv_vars+=(AWS_DEFAULT_OUTPUT)
            typeset -gx AWS_DEFAULT_OUTPUT=$__ssoenv_output
        fi
        __ssoenv_applied=$__ssoenv_next:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name
        typeset -gx SSOENV_DIR=${__ssoenv_dir:-/} SSOENV_LABEL=$__ssoenv_label SSOENV_VARS="$__ssoenv_vars"
    fi
    __ssoenv_snapshot
    __ssoenv_puts=$__ssoenv_reply
}
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
function __ssoenv_may {
    [[ -z $__ssoenv_protect || ( $__ssoenv_allowed == "$__ssoenv_key" && EPOCHSECONDS -lt __ssoenv_until ) ]]
}
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
function __ssoenv_select {
    local rel=${PWD#"$__ssoenv_dir"} t=$'\t' n=$'\n'
    __ssoenv_name=$__ssoenv_default
    if [[ $__ssoenv_choice_dir == "$__ssoenv_dir" && -n $__ssoenv_choice &&
        $__ssoenv_names == *" $__ssoenv_choice "* ]]; then
        __ssoenv_name=$__ssoenv_choice
    elif [[ -n $__ssoenv_table && $rel != *[$'\t\n']* ]]; then
        while [[ -n $rel ]]; do
            if [[ $__ssoenv_table == *"$n$rel$t"* ]]; then
                __ssoenv_name=${__ssoenv_table#*"$n$rel$t"}
                __ssoenv_name=${__ssoenv_name%%"$n"*}
                break
            fi
            rel=${rel%/*}
        done
    fi
}
# Make __ssoenv_unchanged, the test of this very situation: a few stats and one small read. The
# stamps are named after generations, so that being there means being current.
function __ssoenv_compile {
    case ${__ssoenv_f:+file}$__ssoenv_why in
        ('') __ssoenv_probe+=" && -f \$__ssoenv_trust/@$__ssoenv_generation" ;;
        (filenew|fileforeign) __ssoenv_probe+=' && ! -f $__ssoenv_trust/@toml' ;;
        (filechanged) __ssoenv_probe+=' && -O $__ssoenv_f && -f $__ssoenv_trust/@toml' ;;
        (*) __ssoenv_probe+=" && -O \$__ssoenv_f && -f \$__ssoenv_trust/@$__ssoenv_generation" ;;
    esac
    if [[ -n $__ssoenv_key && -n $__ssoenv_live_generation ]]; then
        __ssoenv_probe+=" && -f \$__ssoenv_role/@$__ssoenv_live_generation"
    elif [[ -n $__ssoenv_key && -z $__ssoenv_protect ]]; then
        __ssoenv_probe+=' && ! -f $__ssoenv_role/@sh'
    fi
    if [[ $__ssoenv_state == live ]]; then
        __ssoenv_probe+=' && -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@sh'
        __ssoenv_probe+=" && EPOCHSECONDS -lt $((__ssoenv_deadline - __ssoenv_early))"
    fi
    [[ -z $__ssoenv_f ]] || __ssoenv_probe+=' && -f $__ssoenv_f && -r $__ssoenv_f && "$(<$__ssoenv_f)" == "$__ssoenv_seen"'
    __ssoenv_define_unchanged
}
function __ssoenv_define_unchanged {
    functions[__ssoenv_unchanged]="[[ \$PWD == \"\$__ssoenv_pwd\"$__ssoenv_probe ]]"
    [[ $__ssoenv_quiet == 0 ]] || functions[__ssoenv_precmd]=__ssoenv_changed_prompt
    __ssoenv_quiet=0
}

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
            text='.ssoenv.toml not trusted'
            [[ $__ssoenv_why == new ]] || text=".ssoenv.toml ${__ssoenv_why%% *}"
            ;;
        (armed)
            [[ -z $__ssoenv_live_generation || $__ssoenv_live_key != "$__ssoenv_key" ]] || text+=' expired'
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
# What stands before a command that uses AWS: be sure of the role, or do not run it.
function __ssoenv_ready { # COMMAND ARGUMENT...
    # A completion and a key binding never sign in.
    [[ -z ${WIDGET-} ]] || return 0
    __ssoenv_sync
    case $__ssoenv_state in
        (blocked)
            [[ $__ssoenv_why != new && $__ssoenv_why != foreign ]] || return 0
            __ssoenv_tell
            return 4
            ;;
        (armed)
            ! __ssoenv_passes "$@" || return 0
            __ssoenv_program ensure "${__ssoenv_dir:-/}" "$__ssoenv_name" "$1" "${2-}" </dev/null >&2 ||
                return
            if [[ -n $__ssoenv_protect ]]; then
                __ssoenv_allowed=$__ssoenv_key __ssoenv_until=$((EPOCHSECONDS + __ssoenv_protect)) __ssoenv_pwd=
            fi
            __ssoenv_sync
            ;;
    esac
    return 0
}
# Whether a command needs no role of ours: it asks for help, sets itself up, or names a profile.
function __ssoenv_passes { # COMMAND ARGUMENT...
    local a first=
    [[ ${AWS_PROFILE-} == "$__ssoenv_managed" ]] || return 0
    for a in "${@:2}"; do
        case $a in
            (--help|--version|--profile|--profile=*) return 0 ;;
            (--) break ;;
            (-*) ;;
            (*) [[ -n $first ]] || first=$a ;;
        esac
    done
    case $1:$first in
        (*:help|*:version|*:completion|aws:configure|aws:sso|aws:login|aws:logout) ;;
        (terraform:fmt|terraform:validate|tofu:fmt|tofu:validate) ;;
        (*) [[ -z $first && $# -gt 1 && ( $2 == -h || $2 == -v ) ]] ;;
    esac
}
# A command that was given a profile of its own, in front of it, must not run with our keys.
function __ssoenv_run { # COMMAND ARGUMENT...
    if [[ $__ssoenv_state == live && $__ssoenv_mode == keys && -n ${AWS_PROFILE-} ]]; then
        command env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN "$@"
    else
        command "$@"
    fi
}
# Say, once, what keeps a binding file from acting. (q+): a path may hold anything.
function __ssoenv_tell {
    local what= mend='see what it does now, and trust it: ssoenv trust' path_=$__ssoenv_dir/.ssoenv.toml
    case $__ssoenv_why in
        (new) what='is not trusted' mend='see what it asks for, and trust it: ssoenv trust' ;;
        (foreign) what='belongs to somebody else' mend='it does nothing here' ;;
        (changed)
            what='was changed since you trusted it'
            mend="$mend (to go without: ssoenv untrust)"
            ;;
        (*) what="cannot act: $__ssoenv_why" mend='start a new shell without that' ;;
    esac
    print -ru2 -- "ssoenv: ${(q+)path_} $what; $mend"
    __ssoenv_said=$__ssoenv_why:$path_:$__ssoenv_seen __ssoenv_news=
}

# --- [hooks] ------------------------------------------------------------------------------------
# Unlike bash: a call costs more than the test, so where nothing changed for a second prompt, the
# prompt's own function becomes the test.
function __ssoenv_changed_prompt {
    __ssoenv_sync
    [[ -z $__ssoenv_news ]] || __ssoenv_tell
    (( ++__ssoenv_quiet < 2 )) ||
        functions[__ssoenv_precmd]="[[ \$PWD == \"\$__ssoenv_pwd\"$__ssoenv_probe ]] || __ssoenv_changed_prompt"
}
function __ssoenv_chpwd { __ssoenv_sync }
# Unlike bash: what no wrapper sees (a path, command, env, sudo, xargs) is seen before it runs.
function __ssoenv_preexec { # TYPED SHORT FULL
    [[ $__ssoenv_state == armed || $__ssoenv_state == blocked ]] || return 0
    local word
    local -i first=1 hidden=0 position=1
    for word in ${(z)3}; do
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
            [[ $3 == *(--help|--version|--profile)* ]] || __ssoenv_ready ${word:t}
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
    if [[ ${1-} == use && $# -le 2 && ( ${2-} != -* || ${2-} == - || ${2-} == --none ) ]]; then
        [[ $# -eq 1 ]] || ! __ssoenv_use "$2" || return 0
        # No program can change this shell: it finds out which is meant, or asks.
        picked=$(__ssoenv_program use ${2+"$2"} --answer) || return
        [[ $picked != @* ]] || __ssoenv_loose=${picked#@} __ssoenv_pwd=
        [[ $picked == @* ]] || __ssoenv_use "$picked"
        __ssoenv_sync
        return 0
    fi
    local -x SSOENV_HOOK=1 # tells the program that this shell has a hook
    __ssoenv_program "$@" || code=$?
    __ssoenv_pwd=
    __ssoenv_sync
    return $code
}
function __ssoenv_use { # NAME|-|--none: false if only the program can tell what it means
    local to=$1
    __ssoenv_sync
    if [[ $1 == --none && ( $__ssoenv_state == none || $__ssoenv_dir == @* ) ]]; then
        __ssoenv_loose= __ssoenv_pwd=
        __ssoenv_sync
        return 0
    fi
    [[ $__ssoenv_state == armed || $__ssoenv_state == live ]] || return 1
    [[ $to != - ]] || to=$__ssoenv_before
    [[ $to != --none ]] || to=
    [[ -z $to && $1 == --none || -n $to && $__ssoenv_names == *" $to "* ]] || return 1
    __ssoenv_before=$__ssoenv_name __ssoenv_choice=$to __ssoenv_choice_dir=$__ssoenv_dir
    __ssoenv_pwd=
    __ssoenv_sync
}

# --- [install] ----------------------------------------------------------------------------------
# A name that the user has made a function stays theirs.
function __ssoenv_define { # NAME BODY
    (( ! ${+functions[$1]} )) || return 0
    functions[$1]=$2
    __ssoenv_defined+=($1)
}
function __ssoenv_install {
    local c
    __ssoenv_settings
    zmodload -F zsh/datetime p:EPOCHSECONDS
    for c in $__ssoenv_commands; do
        __ssoenv_define $c "__ssoenv_ready $c \"\$@\" || return; __ssoenv_run $c \"\$@\""
    done
    typeset -ga precmd_functions chpwd_functions preexec_functions
    precmd_functions=(__ssoenv_precmd ${precmd_functions:#__ssoenv_precmd})
    chpwd_functions=(__ssoenv_chpwd ${chpwd_functions:#__ssoenv_chpwd})
    preexec_functions=(__ssoenv_preexec ${preexec_functions:#__ssoenv_preexec})
}

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
function __ssoenv_uninstall {
    [[ -z $__ssoenv_applied ]] || __ssoenv_clear
    precmd_functions=(${precmd_functions:#__ssoenv_precmd})
    chpwd_functions=(${chpwd_functions:#__ssoenv_chpwd})
    preexec_functions=(${preexec_functions:#__ssoenv_preexec})
    PROMPT=${PROMPT//"$__ssoenv_marks"/}
    unfunction -- $__ssoenv_defined ssoenv ssoenv_prompt
    unset -m '__ssoenv_*'
    unfunction -m '__ssoenv_*'
}

if [[ -o interactive ]]; then
    # A value from the environment (all_export in a parent) must not count as ours.
    if [[ ${__ssoenv_loaded-} != "$$" || ${(t)__ssoenv_loaded} == *export* ]]; then
        unset __ssoenv_loaded
        typeset -ga __ssoenv_defined=()
        __ssoenv_reset
        __ssoenv_adopt
    fi
    typeset -g +x __ssoenv_loaded=$$
    functions[__ssoenv_unchanged]='false'
    functions[__ssoenv_precmd]='__ssoenv_changed_prompt'
    __ssoenv_install
fi
