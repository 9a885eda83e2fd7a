# ssoenv completion for bash. @head@
__ssoenv_offer() { # the words that begin as what is typed, and that need no quotes
    local one
    for one; do
        [[ $one != "$word"* || $one == *[![:alnum:]_.@+=,/:-]* ]] || COMPREPLY+=("$one")
    done
}
__ssoenv_sessions() {
    local line file=${AWS_CONFIG_FILE:-$HOME/.aws/config}
    [[ -f $file ]] || return 0 # a pipe is not waited for
    while IFS= read -r line; do
        [[ $line != '[sso-session '*']' ]] || { line=${line#'[sso-session '} && __ssoenv_offer "${line%']'}"; }
    done <"$file"
} 2>/dev/null
__ssoenv_listed() { # accounts, roles or targets, as the last list has them
    local file line lines
    for file in "${XDG_STATE_HOME:-$HOME/.local/state}"/ssoenv/assignments/*."$1"; do
        [[ -f $file && -r $file ]] || continue
        if ((BASH_VERSINFO[0] >= 4)); then
            mapfile -t lines <"$file"
            __ssoenv_offer "${lines[@]}"
        else
            while IFS= read -r line; do __ssoenv_offer "$line"; done <"$file"
        fi
    done
}
__ssoenv_roles() { # of the account on the line, by its name or the start of it; else all
    local file line names found='' account='' at
    for ((at = 1; at < ${#COMP_WORDS[@]}; at++)); do
        case ${COMP_WORDS[at]} in
        --) break ;;
        -a | --account)
            [[ ${COMP_WORDS[at + 1]-} != = ]] || at=$((at + 1))
            account=${COMP_WORDS[at + 1]-}
            ;;
        --account=*) account=${COMP_WORDS[at]#--account=} ;;
        -a?*) account=${COMP_WORDS[at]#-a} ;;
        esac
    done
    account=${account//[\"\'\\]/}
    [[ -n $account ]] || __ssoenv_listed roles
    for account in ${account:+"$account"$'\t' "$account"}; do
        [[ -z $found ]] || break
        for file in "${XDG_STATE_HOME:-$HOME/.local/state}"/ssoenv/assignments/*.held; do
            [[ -f $file && -r $file ]] || continue
            while IFS= read -r line; do
                [[ $line == "$account"* ]] || continue
                IFS=' ' read -ra names <<<"${line#*$'\t'}"
                found=yes && __ssoenv_offer "${names[@]}"
            done <"$file"
        done
    done
}
__ssoenv_profiles() {
    local names
    IFS=' ' read -ra names <<<"${__ssoenv_names-}"
    __ssoenv_offer "${names[@]}"
}
__ssoenv_commands() { # programs: what follows -- is a command of the user's own
    local one
    while IFS= read -r one; do __ssoenv_offer "$one"; done < <(compgen -c -- "$word")
}
__ssoenv_complete() {
    local word=${COMP_WORDS[COMP_CWORD]} at=1 end=$COMP_CWORD before command kind='' words='' flags=''
    COMPREPLY=()
    # bash takes --role=Dev for three words.
    [[ $word != = ]] || word=''
    before=${COMP_WORDS[end - 1]}
    [[ $before != = ]] || before=${COMP_WORDS[end - 2]}
    while [[ $at -lt $end && ${COMP_WORDS[at]} == -* ]]; do at=$((at + 1)); done
    command=${COMP_WORDS[at]}
    if [[ $at -eq $end ]]; then
        command=''
    elif [[ " @groups@ " == *" $command "* && $((at + 1)) -lt $end ]]; then
        at=$((at + 1)) command="$command ${COMP_WORDS[at]}"
    fi
    for ((; at < end; at++)); do
        [[ ${COMP_WORDS[at]} != -- ]] || break
    done
    case "$command $before" in
    *" --") [[ $at -ne $((end - 1)) ]] || __ssoenv_commands ;;
    @values@
    *)
        case "$command" in
        "") words="@top@" flags="@root@" ;;
        @commands@
        esac
        ;;
    esac
    [[ $at -eq $end ]] || kind='' words='' flags='' # behind --
    # In a project its profiles, elsewhere any role.
    [[ $kind == choices ]] && if [[ ${__ssoenv_dir-} == /* ]]; then kind=profiles; else kind=targets; fi
    if [[ $word == -* && -n $flags ]]; then
        kind='' words=$flags
    fi
    case $kind in
    sessions) __ssoenv_sessions ;;
    profiles) __ssoenv_profiles ;;
    roles) __ssoenv_roles ;;
    @listed@) __ssoenv_listed "$kind" ;;
    directories) ((BASH_VERSINFO[0] < 4)) || compopt +o default -o dirnames 2>/dev/null ;;
    esac
    # shellcheck disable=SC2086 # words of this file
    __ssoenv_offer $words
}
complete -o default -F __ssoenv_complete ssoenv
