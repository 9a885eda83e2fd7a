# ssoenv for bash 3.2 and newer: the role of the directory you are in, and nothing left behind.
# shellcheck disable=SC2016,SC2034,SC2050 # text for eval; variables for children; [[ a != A ]] tells nocasematch
# In ~/.bashrc, at its end:  eval "$(ssoenv hook bash)"
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`. Unlike fish: a function, so that the words
# are parsed once and cannot be changed by a variable of the environment.
__ssoenv_settings() {
    __ssoenv_root=__SSOENV_STATE__
    __ssoenv_commands=(__SSOENV_COMMANDS__)
}
__ssoenv_program() { \command __SSOENV_EXE__ "$@"; }

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
#   __ssoenv_kept      the user's own, put away in __ssoenv_old_NAME until we leave
#   __ssoenv_loose     the key of a role for wherever no project is: ssoenv use ACCOUNT/ROLE
#   __ssoenv_allowed   the protected role that this shell may use, until __ssoenv_until
#   __ssoenv_segment   what the prompt shows, and __ssoenv_style how; __ssoenv_early is how many
#                      seconds before the deadline it has to change
__ssoenv_reset() {
    __ssoenv_state=none __ssoenv_why='' __ssoenv_dir='' __ssoenv_pwd='' __ssoenv_seen=''
    __ssoenv_applied='' __ssoenv_vars='' __ssoenv_puts='' __ssoenv_kept='' __ssoenv_plain=' '
    __ssoenv_stuck='' __ssoenv_generation='' __ssoenv_default='' __ssoenv_names='' __ssoenv_table=''
    __ssoenv_name='' __ssoenv_key='' __ssoenv_label='' __ssoenv_managed=''
    __ssoenv_region='' __ssoenv_output='' __ssoenv_mode='' __ssoenv_protect=''
    __ssoenv_live_generation='' __ssoenv_live_key='' __ssoenv_deadline=0 __ssoenv_cache_file=''
    __ssoenv_choice='' __ssoenv_choice_dir='' __ssoenv_before='' __ssoenv_news='' __ssoenv_said=''
    __ssoenv_now=0 __ssoenv_epoch='' __ssoenv_reply='' __ssoenv_code=0
    __ssoenv_loose='' __ssoenv_bound='' __ssoenv_trusted='' __ssoenv_allowed='' __ssoenv_until=0 __ssoenv_segment='' __ssoenv_style='' __ssoenv_early=0
    \builtin local __ssoenv_v
    for __ssoenv_v in "${__ssoenv_ours[@]}"; do \builtin unset -v "__ssoenv_old_$__ssoenv_v"; done
}
__ssoenv_secrets='AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION'
__ssoenv_ours=(
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION
    AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
    AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
)
# What a parent shell or a tmux server exported is ours to take away; only names that we know.
__ssoenv_adopt() {
    \builtin local __ssoenv_v
    for __ssoenv_v in "${__ssoenv_ours[@]}"; do
        [[ " ${SSOENV_VARS-} " != *" $__ssoenv_v "* ]] || __ssoenv_vars="$__ssoenv_vars $__ssoenv_v"
    done
    __ssoenv_snapshot
    __ssoenv_puts=$__ssoenv_reply __ssoenv_applied=inherited
}
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
# All that tells whether somebody changed what we made, in __ssoenv_reply; no secret is in it.
__ssoenv_snapshot() {
    __ssoenv_reply="${AWS_ACCESS_KEY_ID-}|${AWS_PROFILE-}|${AWS_DEFAULT_PROFILE-}|${AWS_REGION-}|${AWS_DEFAULT_REGION-}|${AWS_DEFAULT_OUTPUT-}|${AWS_SSO_PROFILE-}|"
}
# Put the user's own values away, of the variables NAME..., so that leaving gives them back.
__ssoenv_keep() { # NAME...
    while (($#)); do
        if [[ -n ${!1+x} ]]; then
            \builtin printf -v "__ssoenv_old_$1" %s "${!1}"
            # Unlike zsh: older shells cannot tell, so there a variable counts as exported.
            if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
                \builtin eval "[[ \${$1@a} == *x* ]]" || __ssoenv_plain="$__ssoenv_plain$1 "
            fi
            { \builtin unset -v "$1" || :; } 2>/dev/null
            if [[ -n ${!1+x} ]]; then
                __ssoenv_stuck="$1 is readonly in this shell"
            else
                __ssoenv_kept="$__ssoenv_kept $1"
            fi
        fi
        \builtin shift
    done
}
# Take away what is ours and give back what the user had, unless they have changed it since.
__ssoenv_clear() {
    \builtin local __ssoenv_v __ssoenv_o IFS=' '
    __ssoenv_snapshot
    [[ $__ssoenv_reply == "$__ssoenv_puts" ]] || __ssoenv_disown
    # shellcheck disable=SC2086 # these are names
    [[ -z $__ssoenv_vars ]] || \builtin unset -v $__ssoenv_vars
    for __ssoenv_v in $__ssoenv_kept; do
        __ssoenv_o=__ssoenv_old_$__ssoenv_v
        if [[ -z ${!__ssoenv_v+x} && " $__ssoenv_vars " == *" $__ssoenv_v "* ]]; then
            \builtin printf -v "$__ssoenv_v" %s "${!__ssoenv_o}"
            [[ $__ssoenv_plain == *" $__ssoenv_v "* ]] || \builtin export "${__ssoenv_v?}"
        fi
        \builtin unset -v "$__ssoenv_o"
    done
    __ssoenv_vars='' __ssoenv_puts='' __ssoenv_kept='' __ssoenv_plain=' ' __ssoenv_applied=''
    \builtin unset -v SSOENV_DIR SSOENV_LABEL SSOENV_VARS
}
# Take the names of what the user has changed out of __ssoenv_vars: those stay as they are.
__ssoenv_disown() {
    \builtin local __ssoenv_then="$__ssoenv_puts" __ssoenv_mine='' __ssoenv_list
    for __ssoenv_list in "$__ssoenv_secrets AWS_WEB_IDENTITY_TOKEN_FILE" AWS_PROFILE \
        AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_SSO_PROFILE; do
        __ssoenv_v=${__ssoenv_list%% *}
        if [[ ${!__ssoenv_v-} == "${__ssoenv_then%%|*}" ]]; then
            for __ssoenv_v in $__ssoenv_list; do
                [[ " $__ssoenv_vars " != *" $__ssoenv_v "* ]] ||
                    __ssoenv_mine="$__ssoenv_mine $__ssoenv_v"
            done
        fi
        __ssoenv_then=${__ssoenv_then#*|}
    done
    __ssoenv_vars=$__ssoenv_mine
}

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
__ssoenv_binding() { # GENERATION DEFAULT NAMES PATHS
    __ssoenv_generation=$1 __ssoenv_default=$2 __ssoenv_names=$3 __ssoenv_table=$4 __ssoenv_name=$2
    [[ -z $4$__ssoenv_choice ]] || __ssoenv_select
}
__ssoenv_profile() { # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT
    [[ $1 == "$__ssoenv_name" ]] || \builtin return 0
    __ssoenv_key=$2 __ssoenv_label=$3 __ssoenv_managed=$4
    __ssoenv_region=$5 __ssoenv_output=$6 __ssoenv_mode=$7 __ssoenv_protect=$8
}
# The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
__ssoenv_live() { # GENERATION DEADLINE CACHE-FILE KEY-ID SECRET TOKEN EXPIRATION
    __ssoenv_live_generation=$1 __ssoenv_live_key=$__ssoenv_key __ssoenv_deadline=$2 __ssoenv_cache_file=$3
    [[ -z $__ssoenv_protect || __ssoenv_until -ge $2 ]] || __ssoenv_deadline=$__ssoenv_until
    __ssoenv_clock
    ((__ssoenv_now < __ssoenv_deadline)) && [[ -f $3 && ! $3 -nt $__ssoenv_role/@sh ]] || \builtin return 0
    __ssoenv_next=live
    [[ $__ssoenv_mode == keys ]] || \builtin return 0
    \builtin export AWS_ACCESS_KEY_ID="$4" AWS_SECRET_ACCESS_KEY="$5" AWS_SESSION_TOKEN="$6" \
        AWS_CREDENTIAL_EXPIRATION="$7" AWS_SSO_PROFILE="$__ssoenv_label"
}

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
__ssoenv_sync() {
    __ssoenv_unchanged && \builtin return 0
    \builtin local __ssoenv_options=$- __ssoenv_nocase=''
    # Unlike zsh: under nocasematch even [[ a == A ]], so there nothing may be compared.
    [[ a != A ]] || { __ssoenv_nocase=1 && \builtin shopt -u nocasematch; }
    # Keys must not appear in a trace, nor our own variables in the environment of set -a.
    case $- in *[aexu]*) { \builtin set +aexu; } 2>/dev/null ;; esac
    __ssoenv_resync
    case $__ssoenv_options in *a*) \builtin set -a ;; esac
    case $__ssoenv_options in *e*) \builtin set -e ;; esac
    case $__ssoenv_options in *u*) \builtin set -u ;; esac
    [[ -z $__ssoenv_nocase ]] || \builtin shopt -s nocasematch
    case $__ssoenv_options in *x*) \builtin set -x ;; esac
    \builtin return 0
}
__ssoenv_resync() {
    __ssoenv_p=$PWD __ssoenv_probe='' __ssoenv_next=none
    case $PWD in *[!A-Za-z0-9/._@:+-]*) __ssoenv_odd=1 ;; *) __ssoenv_odd='' ;; esac
    while :; do
        __ssoenv_f=$__ssoenv_p/.ssoenv.toml
        [[ -f $__ssoenv_f ]] && \builtin break
        __ssoenv_q=$__ssoenv_f
        [[ -z $__ssoenv_odd ]] || \builtin printf -v __ssoenv_q %q "$__ssoenv_f"
        __ssoenv_probe="$__ssoenv_probe && ! -f $__ssoenv_q"
        if [[ -z $__ssoenv_p ]]; then
            __ssoenv_f=''
            \builtin break
        fi
        __ssoenv_p=${__ssoenv_p%/*}
    done
    __ssoenv_pwd=$PWD __ssoenv_why='' __ssoenv_news=''
    if [[ -z $__ssoenv_f && -n $__ssoenv_loose && -r $__ssoenv_root/loose/$__ssoenv_loose/@sh ]]; then
        __ssoenv_p=@$__ssoenv_loose __ssoenv_trust=$__ssoenv_root/loose/$__ssoenv_loose __ssoenv_next=armed
        [[ $__ssoenv_bound == "$__ssoenv_p" && -f $__ssoenv_trust/@$__ssoenv_generation ]] || __ssoenv_generation=''
        __ssoenv_bound=$__ssoenv_p __ssoenv_dir=$__ssoenv_p __ssoenv_seen=''
        __ssoenv_bind
        __ssoenv_state=$__ssoenv_next
        [[ -z $__ssoenv_style ]] || __ssoenv_draw
        __ssoenv_compile
        \builtin return
    fi
    if [[ -z $__ssoenv_f ]]; then
        [[ -z $__ssoenv_applied ]] || __ssoenv_clear
        __ssoenv_state=none __ssoenv_dir='' __ssoenv_seen='' __ssoenv_segment=''
        \builtin eval "__ssoenv_unchanged() { [[ \$PWD == \"\$__ssoenv_pwd\" && a != A$__ssoenv_probe ]]; }"
        \builtin return
    fi
    __ssoenv_trust=$__ssoenv_root/trust$__ssoenv_p
    [[ $__ssoenv_bound == "$__ssoenv_p" ]] || __ssoenv_generation=''
    __ssoenv_read "$__ssoenv_f"
    __ssoenv_seen=$__ssoenv_reply __ssoenv_next=blocked
    # A stamp that is there says that what was read before is still current.
    if [[ ! -O $__ssoenv_f ]]; then
        __ssoenv_why=foreign
    elif [[ ! -f $__ssoenv_trust/@toml ]]; then
        __ssoenv_why=new
    else
        if [[ -z $__ssoenv_generation || ! -f $__ssoenv_trust/@$__ssoenv_generation ]]; then
            __ssoenv_read "$__ssoenv_trust/@toml"
            __ssoenv_trusted=$__ssoenv_reply __ssoenv_bound=$__ssoenv_p __ssoenv_generation=''
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
        __ssoenv_key=''
    fi
    [[ -z $__ssoenv_style ]] || __ssoenv_draw
    __ssoenv_compile
}
# Exactly the bytes of FILE in __ssoenv_reply; empty where it cannot be read, or holds a NUL.
__ssoenv_read() { # FILE
    __ssoenv_reply=''
    [[ -r $1 ]] || \builtin return 0
    # `read` succeeds only if it met the delimiter, which is NUL.
    if IFS= \builtin read -r -d '' __ssoenv_reply <"$1"; then __ssoenv_reply=''; fi
}
# A trusted binding: choose its profile and make the variables, if they are not already so.
__ssoenv_bind() {
    __ssoenv_wanted=$__ssoenv_name
    [[ -z $__ssoenv_generation || -z $__ssoenv_table$__ssoenv_choice ]] || __ssoenv_select
    if [[ -z $__ssoenv_generation || -z $__ssoenv_key || $__ssoenv_name != "$__ssoenv_wanted" ]]; then
        [[ ! -r $__ssoenv_trust/@sh ]] || \builtin . "$__ssoenv_trust/@sh"
        if [[ -z $__ssoenv_generation ]]; then
            __ssoenv_next=blocked __ssoenv_why=changed
            \builtin return
        fi
    fi
    __ssoenv_role=$__ssoenv_root/roles/$__ssoenv_key
    if [[ $__ssoenv_applied == "live:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name" &&
        $__ssoenv_live_key == "$__ssoenv_key" && -f $__ssoenv_role/@$__ssoenv_live_generation &&
        -f $__ssoenv_cache_file && ! $__ssoenv_cache_file -nt $__ssoenv_role/@sh ]]; then
        __ssoenv_clock
        if ((__ssoenv_now < __ssoenv_deadline)); then
            __ssoenv_next=live
            \builtin return
        fi
    fi
    __ssoenv_apply
}
# Clear first, export second: whatever fails, nothing runs with the role of before.
__ssoenv_apply() {
    [[ -z $__ssoenv_applied ]] || __ssoenv_clear
    if [[ -n ${AWS_ACCESS_KEY_ID+x}${AWS_SECRET_ACCESS_KEY+x}${AWS_SESSION_TOKEN+x}${AWS_PROFILE+x}${AWS_DEFAULT_PROFILE+x}${AWS_REGION+x}${AWS_DEFAULT_REGION+x}${AWS_DEFAULT_OUTPUT+x}${AWS_SSO_PROFILE+x}${AWS_CREDENTIAL_EXPIRATION+x}${AWS_WEB_IDENTITY_TOKEN_FILE+x} ]]; then
        __ssoenv_keep AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE \
            AWS_DEFAULT_PROFILE AWS_SSO_PROFILE AWS_CREDENTIAL_EXPIRATION AWS_WEB_IDENTITY_TOKEN_FILE
        [[ -z $__ssoenv_region ]] || __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
        [[ -z $__ssoenv_output ]] || __ssoenv_keep AWS_DEFAULT_OUTPUT
    fi
    __ssoenv_live_generation='' __ssoenv_live_key=''
    __ssoenv_vars="$__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SSO_PROFILE"
    __ssoenv_vars="$__ssoenv_vars AWS_WEB_IDENTITY_TOKEN_FILE"
    if [[ -n $__ssoenv_stuck ]]; then
        __ssoenv_why=$__ssoenv_stuck __ssoenv_stuck='' __ssoenv_next=blocked __ssoenv_applied=stuck
        __ssoenv_vars=$__ssoenv_kept
    else
        if [[ -r $__ssoenv_role/@sh ]] && __ssoenv_may; then \builtin . "$__ssoenv_role/@sh"; fi
        if [[ $__ssoenv_next == armed || $__ssoenv_mode != keys ]]; then
            \builtin export AWS_PROFILE="$__ssoenv_managed"
        fi
        if [[ -n $__ssoenv_region ]]; then
            __ssoenv_vars="$__ssoenv_vars AWS_REGION AWS_DEFAULT_REGION"
            \builtin export AWS_REGION="$__ssoenv_region" AWS_DEFAULT_REGION="$__ssoenv_region"
        fi
        if [[ -n $__ssoenv_output ]]; then
            __ssoenv_vars="$__ssoenv_vars AWS_DEFAULT_OUTPUT"
            \builtin export AWS_DEFAULT_OUTPUT="$__ssoenv_output"
        fi
        __ssoenv_applied="$__ssoenv_next:$__ssoenv_p:$__ssoenv_generation:$__ssoenv_name"
        \builtin export SSOENV_DIR="${__ssoenv_dir:-/}" SSOENV_LABEL="$__ssoenv_label" \
            SSOENV_VARS="$__ssoenv_vars"
    fi
    __ssoenv_snapshot
    __ssoenv_puts=$__ssoenv_reply
}
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
__ssoenv_may() {
    [[ -n $__ssoenv_protect ]] || \builtin return 0
    __ssoenv_clock
    [[ $__ssoenv_allowed == "$__ssoenv_key" ]] && ((__ssoenv_now < __ssoenv_until))
}
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
__ssoenv_select() {
    \builtin local __ssoenv_rel="${PWD#"$__ssoenv_dir"}" __ssoenv_t=$'\t' __ssoenv_n=$'\n'
    __ssoenv_name=$__ssoenv_default
    if [[ $__ssoenv_choice_dir == "$__ssoenv_dir" && -n $__ssoenv_choice &&
        $__ssoenv_names == *" $__ssoenv_choice "* ]]; then
        __ssoenv_name=$__ssoenv_choice
    elif [[ -n $__ssoenv_table && $__ssoenv_rel != *[$'\t\n']* ]]; then
        while [[ -n $__ssoenv_rel ]]; do
            if [[ $__ssoenv_table == *"$__ssoenv_n$__ssoenv_rel$__ssoenv_t"* ]]; then
                __ssoenv_name=${__ssoenv_table#*"$__ssoenv_n$__ssoenv_rel$__ssoenv_t"}
                __ssoenv_name=${__ssoenv_name%%"$__ssoenv_n"*}
                \builtin break
            fi
            __ssoenv_rel=${__ssoenv_rel%/*}
        done
    fi
}
# Make __ssoenv_unchanged, the test of this very situation: a few stats and one small read. The
# stamps are named after generations, so that being there means being current.
__ssoenv_compile() {
    case ${__ssoenv_f:+file}$__ssoenv_why in
    '') __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_trust/@$__ssoenv_generation" ;;
    filenew | fileforeign) __ssoenv_probe="$__ssoenv_probe && ! -f \$__ssoenv_trust/@toml" ;;
    filechanged) __ssoenv_probe="$__ssoenv_probe && -O \$__ssoenv_f && -f \$__ssoenv_trust/@toml" ;;
    *) __ssoenv_probe="$__ssoenv_probe && -O \$__ssoenv_f && -f \$__ssoenv_trust/@$__ssoenv_generation" ;;
    esac
    if [[ -n $__ssoenv_key && -n $__ssoenv_live_generation ]]; then
        __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_role/@$__ssoenv_live_generation"
    elif [[ -n $__ssoenv_key && -z $__ssoenv_protect ]]; then
        __ssoenv_probe="$__ssoenv_probe && ! -f \$__ssoenv_role/@sh"
    fi
    if [[ $__ssoenv_state == live ]]; then
        __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_cache_file && ! \$__ssoenv_cache_file -nt \$__ssoenv_role/@sh"
        __ssoenv_probe="$__ssoenv_probe && $__ssoenv_tick -lt $((__ssoenv_deadline - __ssoenv_early))"
    fi
    if [[ -z $__ssoenv_f ]]; then
        \builtin eval "__ssoenv_unchanged() { [[ \$PWD == \"\$__ssoenv_pwd\" && a != A$__ssoenv_probe ]]; }"
        \builtin return
    fi
    __ssoenv_probe="$__ssoenv_probe && -f \$__ssoenv_f && -r \$__ssoenv_f"
    \builtin eval "__ssoenv_unchanged() { [[ \$PWD == \"\$__ssoenv_pwd\" && a != A$__ssoenv_probe ]] && $__ssoenv_load"' && [[ ${#__ssoenv_bytes[@]} == 1 && $__ssoenv_bytes == "$__ssoenv_seen" ]]; }'
}
# Unlike zsh: what this bash has. The quick way to read a file, and the clock, for the test above.
__ssoenv_adapt() {
    __ssoenv_load='\builtin mapfile -d "" __ssoenv_bytes <"$__ssoenv_f"'
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || __ssoenv_load='__ssoenv_read "$__ssoenv_f" && __ssoenv_bytes=("$__ssoenv_reply")'
    # An unset EPOCHSECONDS is no clock any more: then every prompt looks at everything.
    __ssoenv_tick='${EPOCHSECONDS:-9999999999}'
}

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
    \builtin local __ssoenv_text=$__ssoenv_label __ssoenv_kind=$__ssoenv_state __ssoenv_left=0
    __ssoenv_early=0
    case $__ssoenv_state in
    blocked)
        __ssoenv_text='.ssoenv.toml not trusted'
        [[ $__ssoenv_why == new ]] || __ssoenv_text=".ssoenv.toml ${__ssoenv_why%% *}"
        ;;
    armed)
        [[ -z $__ssoenv_live_generation || $__ssoenv_live_key != "$__ssoenv_key" ]] || __ssoenv_text="$__ssoenv_text expired"
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
# What stands before a command that uses AWS: be sure of the role, or do not run it.
__ssoenv_ready() { # COMMAND ARGUMENT...
    # A completion and a key binding never sign in.
    [[ -z ${COMP_LINE+x}${COMP_POINT+x}${READLINE_POINT+x} ]] || \builtin return 0
    __ssoenv_sync
    case $__ssoenv_state in
    blocked)
        [[ $__ssoenv_why != new && $__ssoenv_why != foreign ]] || \builtin return 0
        __ssoenv_tell
        \builtin return 4
        ;;
    armed)
        ! __ssoenv_passes "$@" || \builtin return 0
        __ssoenv_program ensure "${__ssoenv_dir:-/}" "$__ssoenv_name" "$1" "${2-}" </dev/null >&2 ||
            \builtin return
        if [[ -n $__ssoenv_protect ]]; then
            __ssoenv_clock
            __ssoenv_allowed=$__ssoenv_key __ssoenv_until=$((__ssoenv_now + __ssoenv_protect)) __ssoenv_pwd=''
        fi
        __ssoenv_sync
        ;;
    esac
    \builtin return 0
}
# Whether a command needs no role of ours: it asks for help, sets itself up, or names a profile.
__ssoenv_passes() { # COMMAND ARGUMENT...
    \builtin local __ssoenv_a __ssoenv_first=''
    [[ ${AWS_PROFILE-} == "$__ssoenv_managed" ]] || \builtin return 0
    for __ssoenv_a in "${@:2}"; do
        case $__ssoenv_a in
        --help | --version | --profile | --profile=*) \builtin return 0 ;;
        --) \builtin break ;;
        -*) ;;
        *) [[ -n $__ssoenv_first ]] || __ssoenv_first=$__ssoenv_a ;;
        esac
    done
    case $1:$__ssoenv_first in
    *:help | *:version | *:completion | aws:configure | aws:sso | aws:login | aws:logout) ;;
    terraform:fmt | terraform:validate | tofu:fmt | tofu:validate) ;;
    *) [[ -z $__ssoenv_first && $# -gt 1 && ($2 == -h || $2 == -v) ]] ;;
    esac
}
# A command that was given a profile of its own, in front of it, must not run with our keys.
__ssoenv_run() { # COMMAND ARGUMENT...
    if [[ $__ssoenv_state == live && $__ssoenv_mode == keys && -n ${AWS_PROFILE-} ]]; then
        \command env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN "$@"
    else
        \command "$@"
    fi
}
# Say, once, what keeps a binding file from acting. %q: a path may hold anything.
__ssoenv_tell() {
    \builtin local __ssoenv_what='' __ssoenv_mend='see what it does now, and trust it: ssoenv trust'
    case $__ssoenv_why in
    new) __ssoenv_what='is not trusted' __ssoenv_mend='see what it asks for, and trust it: ssoenv trust' ;;
    foreign) __ssoenv_what='belongs to somebody else' __ssoenv_mend='it does nothing here' ;;
    changed)
        __ssoenv_what='was changed since you trusted it'
        __ssoenv_mend="$__ssoenv_mend (to go without: ssoenv untrust)"
        ;;
    *) __ssoenv_what="cannot act: $__ssoenv_why" __ssoenv_mend='take that out of your rc files' ;;
    esac
    \builtin printf 'ssoenv: %q %s; %s\n' "$__ssoenv_dir/.ssoenv.toml" "$__ssoenv_what" \
        "$__ssoenv_mend" >&2
    __ssoenv_said=$__ssoenv_why:$__ssoenv_dir/.ssoenv.toml:$__ssoenv_seen __ssoenv_news=''
}

# --- [hooks] ------------------------------------------------------------------------------------
__ssoenv_prompt() {
    __ssoenv_code=$? # must be the very first command
    __ssoenv_unchanged || __ssoenv_sync
    [[ -z $__ssoenv_news ]] || __ssoenv_tell
    \builtin return "$__ssoenv_code"
}

# --- [command] ----------------------------------------------------------------------------------
# `use` changes this very shell; everything else is the program's.
function ssoenv {
    \builtin local __ssoenv_code=0 __ssoenv_picked
    if [[ ${1-} == use && $# -le 2 && (${2-} != -* || ${2-} == - || ${2-} == --none) ]]; then
        [[ $# -eq 1 ]] || ! __ssoenv_use "$2" || \builtin return 0
        # No program can change this shell: it finds out which is meant, or asks.
        __ssoenv_picked=$(__ssoenv_program use ${2+"$2"} --answer) || \builtin return
        [[ $__ssoenv_picked != @* ]] || __ssoenv_loose=${__ssoenv_picked#@} __ssoenv_pwd=''
        [[ $__ssoenv_picked == @* ]] || __ssoenv_use "$__ssoenv_picked"
        __ssoenv_sync
        \builtin return 0
    fi
    \builtin local -x SSOENV_HOOK=1 # tells the program that this shell has a hook
    __ssoenv_program "$@" || __ssoenv_code=$?
    __ssoenv_pwd=''
    __ssoenv_sync
    \builtin return "$__ssoenv_code"
}
__ssoenv_use() { # NAME|-|--none: false if only the program can tell what it means
    \builtin local __ssoenv_to=$1
    __ssoenv_sync
    if [[ $1 == --none && ($__ssoenv_state == none || $__ssoenv_dir == @*) ]]; then
        __ssoenv_loose='' __ssoenv_pwd=''
        __ssoenv_sync
        \builtin return 0
    fi
    [[ $__ssoenv_state == armed || $__ssoenv_state == live ]] || \builtin return 1
    [[ $__ssoenv_to != - ]] || __ssoenv_to=$__ssoenv_before
    [[ $__ssoenv_to != --none ]] || __ssoenv_to=''
    [[ -z $__ssoenv_to && $1 == --none || -n $__ssoenv_to &&
        $__ssoenv_names == *" $__ssoenv_to "* ]] || \builtin return 1
    __ssoenv_before=$__ssoenv_name __ssoenv_choice=$__ssoenv_to __ssoenv_choice_dir=$__ssoenv_dir
    __ssoenv_pwd=''
    __ssoenv_sync
}

# --- [install] ----------------------------------------------------------------------------------
# A name that the user has made a function stays theirs. `function NAME`: an alias is not expanded.
__ssoenv_define() { # NAME BODY
    \builtin declare -F "$1" || {
        __ssoenv_text="$__ssoenv_text function $1 { $2; };"
        __ssoenv_defined="$__ssoenv_defined $1"
    }
}
__ssoenv_install() {
    \builtin local __ssoenv_c __ssoenv_have='' __ssoenv_text=''
    __ssoenv_settings
    __ssoenv_adapt
    for __ssoenv_c in "${__ssoenv_commands[@]}"; do
        __ssoenv_define "$__ssoenv_c" \
            "__ssoenv_ready $__ssoenv_c \"\$@\" || \\builtin return; __ssoenv_run $__ssoenv_c \"\$@\""
    done >/dev/null
    # Unlike zsh and fish: no event when the directory changes, and `cd x && make` must be right.
    for __ssoenv_c in cd pushd popd; do
        __ssoenv_define "$__ssoenv_c" \
            "\\builtin $__ssoenv_c \"\$@\" || \\builtin return; __ssoenv_sync"
    done >/dev/null
    \builtin eval "$__ssoenv_text"
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        for __ssoenv_c in ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}; do
            case ";${__ssoenv_c//[[:space:]]/;};" in *';__ssoenv_prompt;'*) __ssoenv_have=1 ;; esac
        done
        [[ -n $__ssoenv_have ]] ||
            PROMPT_COMMAND=(__ssoenv_prompt ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"})
    else
        # shellcheck disable=SC2128,SC2178 # before 5.1 it is a string
        case ";${PROMPT_COMMAND-};" in
        *';__ssoenv_prompt;'*) ;;
        *) PROMPT_COMMAND="__ssoenv_prompt${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
        esac
    fi
}

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
__ssoenv_uninstall() {
    \builtin local __ssoenv_c IFS=$' \t\n'
    [[ -z $__ssoenv_applied ]] || __ssoenv_clear
    for __ssoenv_c in $__ssoenv_defined; do \builtin unset -f "$__ssoenv_c"; done
    PS1=${PS1//'${__ssoenv_segment-}'/}
    for __ssoenv_c in "${!PROMPT_COMMAND[@]}"; do
        PROMPT_COMMAND[__ssoenv_c]=${PROMPT_COMMAND[__ssoenv_c]//__ssoenv_prompt;/}
        [[ ${PROMPT_COMMAND[__ssoenv_c]} != __ssoenv_prompt ]] ||
            \builtin unset -v 'PROMPT_COMMAND[__ssoenv_c]'
    done
    for __ssoenv_c in "${!__ssoenv_@}"; do
        [[ $__ssoenv_c == __ssoenv_c ]] || \builtin unset -v "$__ssoenv_c"
    done
    # shellcheck disable=SC2046 # these are names
    \builtin unset -f ssoenv ssoenv_prompt $(\builtin compgen -A function __ssoenv_)
}

if [[ $- == *i* ]]; then
    # A value from the environment (set -a in a parent) must not count as ours: compare the process.
    if [[ ${__ssoenv_loaded-} != "$$" ]]; then
        __ssoenv_defined=''
        __ssoenv_reset
        __ssoenv_adopt
    fi
    __ssoenv_loaded=$$
    \builtin export -n __ssoenv_loaded
    __ssoenv_install
    __ssoenv_unchanged() { \builtin return 1; }
fi
