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
#   __ssoenv_seen      the bytes of the binding file
#   __ssoenv_applied   what the exported variables were made from; differs: they are made anew
#   __ssoenv_vars      the variables that are ours now; __ssoenv_put what we made of each,
#                      __ssoenv_old what the user had, __ssoenv_key_id which keys are ours
function __ssoenv_reset {
    typeset -g +x __ssoenv_state=none __ssoenv_why= __ssoenv_dir= __ssoenv_pwd= __ssoenv_seen=
    typeset -g +x __ssoenv_applied= __ssoenv_key_id= __ssoenv_stuck=
    typeset -g +x __ssoenv_generation= __ssoenv_default= __ssoenv_names= __ssoenv_table=
    typeset -g +x __ssoenv_name= __ssoenv_key= __ssoenv_label= __ssoenv_managed=
    typeset -g +x __ssoenv_region= __ssoenv_output= __ssoenv_mode= __ssoenv_protect=
    typeset -g +x __ssoenv_live_generation= __ssoenv_live_ok= __ssoenv_cache_file=
    typeset -g +x __ssoenv_choice= __ssoenv_choice_dir= __ssoenv_before= __ssoenv_news= __ssoenv_said=
    typeset -gi +x __ssoenv_deadline=0
    typeset -ga __ssoenv_vars=()
    typeset -gA __ssoenv_old=() __ssoenv_put=() __ssoenv_plain=()
}
typeset -ga __ssoenv_ours=(
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION
    AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
    AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
)
# What a parent shell or a tmux server exported is ours to take away; only names that we know.
function __ssoenv_adopt {
    local v
    for v in $__ssoenv_ours; do
        [[ " ${SSOENV_VARS-} " == *" $v "* ]] || continue
        __ssoenv_vars+=($v)
        [[ $v == (*_KEY*|*TOKEN|*_EXPIRATION) ]] || __ssoenv_put[$v]=${(P)v-}
    done
    __ssoenv_key_id=${AWS_ACCESS_KEY_ID-} __ssoenv_applied=inherited
}
# Unlike bash: EPOCHSECONDS is always there, once its module is loaded.

# --- [variables] --------------------------------------------------------------------------------
# Keep what the user has in NAME, so that leaving gives it back.
function __ssoenv_keep { # NAME
    (( ${__ssoenv_vars[(Ie)$1]} )) && return 0
    __ssoenv_vars+=($1)
    (( ${(P)+1} )) || return 0
    __ssoenv_old[$1]=${(P)1}
    [[ ${(Pt)1} == *export* ]] || __ssoenv_plain[$1]=1
}
function __ssoenv_export { # NAME VALUE: export it; a readonly one stays as it is, and is told
    __ssoenv_keep $1
    if [[ ${(Pt)1} == *readonly* ]]; then
        [[ ${(P)1} == "$2" ]] || __ssoenv_stuck=$1
    else
        typeset -gx -- "$1=$2"
    fi
    case $1 in
        (AWS_ACCESS_KEY_ID) __ssoenv_key_id=$2 ;;
        (*_KEY|*TOKEN|*_EXPIRATION) ;;
        (*) __ssoenv_put[$1]=$2 ;;
    esac
}
function __ssoenv_away { # NAME...: unset what would win over ours
    local v
    for v in "$@"; do
        (( ${(P)+v} )) || continue
        __ssoenv_keep $v
        if [[ ${(Pt)v} == *readonly* ]]; then __ssoenv_stuck=$v; else unset -- $v; fi
    done
}
# Take away what is ours and give back what the user had, unless they have changed it since.
function __ssoenv_clear {
    local v keys=
    [[ ${AWS_ACCESS_KEY_ID-} == "$__ssoenv_key_id" ]] && keys=ours
    for v in $__ssoenv_vars; do
        case $v in
            (*_KEY*|AWS_SESSION_TOKEN|*_EXPIRATION) [[ -n $keys ]] ;;
            (*) [[ ${(P)v-} == "${__ssoenv_put[$v]-}" ]] ;;
        esac || continue
        [[ ${(Pt)v} != *readonly* ]] || continue
        unset -- $v
        (( ${+__ssoenv_old[$v]} )) || continue
        if (( ${+__ssoenv_plain[$v]} )); then
            typeset -g -- "$v=${__ssoenv_old[$v]}"
        else
            typeset -gx -- "$v=${__ssoenv_old[$v]}"
        fi
    done
    __ssoenv_vars=() __ssoenv_old=() __ssoenv_put=() __ssoenv_plain=()
    __ssoenv_key_id= __ssoenv_stuck= __ssoenv_applied=
    unset SSOENV_DIR SSOENV_LABEL SSOENV_VARS
}

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
function __ssoenv_binding { # GENERATION DEFAULT NAMES PATHS
    __ssoenv_generation=$1 __ssoenv_default=$2 __ssoenv_names=$3 __ssoenv_table=$4
    __ssoenv_select
}
function __ssoenv_profile { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT
    [[ $1 == "$__ssoenv_name" ]] || return 0
    __ssoenv_key=$2 __ssoenv_label=$3 __ssoenv_managed=$4
    __ssoenv_region=$5 __ssoenv_output=$6 __ssoenv_mode=$7 __ssoenv_protect=$8
}
function __ssoenv_live { # GENERATION DEADLINE CACHE-FILE: the AWS CLI's file is gone after a sign-out
    __ssoenv_live_generation=$1 __ssoenv_deadline=$2 __ssoenv_cache_file=$3 __ssoenv_live_ok=
    if (( EPOCHSECONDS < $2 )) && __ssoenv_current; then __ssoenv_live_ok=1; fi
}
function __ssoenv_current { # a newer file of the CLI's holds other credentials than these
    [[ -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_root/roles/$__ssoenv_key/@sh ]]
}
function __ssoenv_set { # NAME VALUE
    [[ -z $__ssoenv_live_ok || $__ssoenv_mode != keys ]] || __ssoenv_export "$1" "$2"
}

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
function __ssoenv_sync {
    __ssoenv_unchanged && return 0
    # Keys must not appear in a trace, nor our own variables in the environment of all_export.
    setopt local_options no_xtrace no_all_export no_unset
    unsetopt no_unset
    __ssoenv_resync
    return 0
}
function __ssoenv_resync {
    local p=$PWD f= q= probe= next=none trust= role= role_generation= REPLY=
    while true; do
        f=$p/.ssoenv.toml
        [[ -f $f ]] && break
        probe+=" ! -f ${(qq)f} &&"
        if [[ -z $p ]]; then f=; break; fi
        p=${p%/*}
    done
    __ssoenv_pwd=$PWD __ssoenv_why= __ssoenv_news=
    if [[ -z $f ]]; then
        [[ -z $__ssoenv_applied ]] || __ssoenv_clear
        __ssoenv_state=none __ssoenv_dir= __ssoenv_generation= __ssoenv_seen=
        __ssoenv_define_unchanged "[[ ${probe}"
        return
    fi
    trust=$__ssoenv_root/trust$p
    __ssoenv_read $f
    __ssoenv_seen=$REPLY next=blocked
    if [[ ! -O $f ]]; then
        __ssoenv_why=foreign
    elif [[ ! -f $trust/@toml ]]; then
        __ssoenv_why=new
    else
        __ssoenv_read $trust/@toml
        if [[ -n $__ssoenv_seen && $__ssoenv_seen == "$REPLY" ]]; then
            next=armed
        else
            __ssoenv_why=changed
        fi
    fi
    [[ $__ssoenv_dir == "$p" ]] || __ssoenv_generation=
    __ssoenv_dir=$p
    [[ $next != armed ]] || __ssoenv_bind
    __ssoenv_state=$next
    if [[ $next == blocked ]]; then
        [[ -z $__ssoenv_applied ]] || __ssoenv_clear
        [[ $__ssoenv_said == "$__ssoenv_why:$f:$__ssoenv_seen" ]] || __ssoenv_news=1
        __ssoenv_key=
    fi
    __ssoenv_compile
}
# Exactly the bytes of FILE in REPLY; empty where it cannot be read, or holds a NUL.
function __ssoenv_read { # FILE
    REPLY=
    [[ -r $1 ]] || return 0
    # Unlike bash: $(<file) starts no process. It drops newlines at the end, on both sides.
    REPLY=${"$(<$1)"}
    [[ $REPLY != *$'\0'* ]] || REPLY=
}
# A trusted binding: choose its profile and make the variables, if they are not already so.
function __ssoenv_bind {
    local g= wanted= _ rg= rd=0
    { IFS=' ' read -r _ _ g _ <$trust/@sh } 2>/dev/null
    if [[ -z $g ]]; then
        next=blocked __ssoenv_why=changed
        return
    fi
    if [[ $g == "$__ssoenv_generation" ]]; then
        wanted=$__ssoenv_name
        __ssoenv_select
    fi
    if [[ $g != "$__ssoenv_generation" || -z $__ssoenv_key || $__ssoenv_name != "$wanted" ]]; then
        builtin source $trust/@sh
    fi
    role=$__ssoenv_root/roles/$__ssoenv_key
    { IFS=' ' read -r _ _ rg rd _ <$role/@sh } 2>/dev/null
    [[ -n $rg && -f $role/@$rg ]] || rg=
    role_generation=$rg
    if [[ -n $rg ]] && (( EPOCHSECONDS < rd )); then
        next=live
        [[ $rg != "$__ssoenv_live_generation" ]] || __ssoenv_current || next=armed
    fi
    g="$next:$p:$g:$__ssoenv_name:$rg"
    [[ $__ssoenv_applied == "$g" ]] || __ssoenv_apply "$g"
}
# Clear first, export second: whatever fails, nothing runs with the role of before.
function __ssoenv_apply { # WHAT
    [[ -z $__ssoenv_applied ]] || __ssoenv_clear
    __ssoenv_live_ok=
    if [[ $next == live ]]; then
        if [[ -r $role/@sh ]]; then builtin source $role/@sh; fi
        [[ -n $__ssoenv_live_ok ]] || next=armed
    fi
    if [[ $next == live && $__ssoenv_mode == keys ]]; then
        __ssoenv_away AWS_PROFILE AWS_DEFAULT_PROFILE
        __ssoenv_export AWS_SSO_PROFILE $__ssoenv_label
    else
        __ssoenv_away AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
            AWS_CREDENTIAL_EXPIRATION AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
        __ssoenv_export AWS_PROFILE $__ssoenv_managed
    fi
    if [[ -n $__ssoenv_region ]]; then
        __ssoenv_export AWS_REGION $__ssoenv_region
        __ssoenv_export AWS_DEFAULT_REGION $__ssoenv_region
    fi
    [[ -z $__ssoenv_output ]] || __ssoenv_export AWS_DEFAULT_OUTPUT $__ssoenv_output
    if [[ -n $__ssoenv_stuck ]]; then
        __ssoenv_why="readonly $__ssoenv_stuck" next=blocked __ssoenv_applied=stuck
        return
    fi
    __ssoenv_applied=$next:${1#*:}
    typeset -gx SSOENV_DIR=${__ssoenv_dir:-/} SSOENV_LABEL=$__ssoenv_label
    typeset -gx SSOENV_VARS="$__ssoenv_vars"
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
    local f=${(qq)f} trust=${(qq)trust} e= t= c=
    t="[[ $probe -O $f && -r $f &&"
    case $__ssoenv_why in
        (new|foreign) t="[[ $probe -r $f && ! -f $trust/@toml &&" ;;
        (changed) t+=" -f $trust/@toml &&" ;;
        (*) t+=" -f $trust/@$__ssoenv_generation &&" ;;
    esac
    if [[ -n $__ssoenv_key ]]; then
        e=${(qq)role}
        if [[ -n $role_generation ]]; then
            t+=" -f $e/@$role_generation &&"
        else
            t+=" ! -f $e/@sh &&"
        fi
    fi
    if [[ $__ssoenv_state == live ]]; then
        c=${(qq)__ssoenv_cache_file}
        t+=" -f $c && ! $c -nt $e/@sh && EPOCHSECONDS -lt __ssoenv_deadline &&"
    fi
    __ssoenv_define_unchanged "$t \"\$(<$f)\" == \"\$__ssoenv_seen\" &&"
}
function __ssoenv_define_unchanged { # TEST, open at its end
    functions[__ssoenv_unchanged]="$1 \$PWD == \"\$__ssoenv_pwd\" ]]"
    functions[__ssoenv_precmd]=__ssoenv_changed_prompt
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
        local AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
        unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    fi
    command "$@"
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
# Unlike bash: a call costs more than the test, so the next prompt's own function is the test.
function __ssoenv_changed_prompt {
    __ssoenv_sync
    [[ -z $__ssoenv_news ]] || __ssoenv_tell
    functions[__ssoenv_precmd]="${functions[__ssoenv_unchanged]} || __ssoenv_changed_prompt"
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
# `use` changes this very shell, without a process; everything else is the program's.
function ssoenv {
    local -i code=0
    if [[ ${1-} == use && $# -eq 2 ]] && __ssoenv_use "$2"; then
        return 0
    fi
    __ssoenv_program "$@" || code=$?
    __ssoenv_pwd=
    __ssoenv_sync
    return $code
}
function __ssoenv_use { # NAME|-|--none: false if only the program can tell what it means
    local to=$1
    __ssoenv_sync
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
    __ssoenv_clear
    precmd_functions=(${precmd_functions:#__ssoenv_precmd})
    chpwd_functions=(${chpwd_functions:#__ssoenv_chpwd})
    preexec_functions=(${preexec_functions:#__ssoenv_preexec})
    unfunction -- $__ssoenv_defined ssoenv
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
