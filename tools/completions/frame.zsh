#compdef ssoenv
# ssoenv completion for zsh. @head@
__ssoenv_complete_sessions() {
    local line file=${AWS_CONFIG_FILE:-$HOME/.aws/config}
    local -a names=()
    [[ -f $file && -r $file ]] || return 0
    for line in ${(f)"$(<$file)"}; do
        [[ $line == '[sso-session '*']' ]] && names+=(${${line#'[sso-session '}%']'})
    done
    compadd -a names
}
__ssoenv_complete_profiles() { compadd -- ${=__ssoenv_names} }
__ssoenv_complete_listed() { # accounts, roles or targets, as the last list has them
    local file
    for file in "${XDG_STATE_HOME:-$HOME/.local/state}"/ssoenv/assignments/*."$1"(N-.); do
        compadd -- ${(f)"$(<$file)"}
    done
}
__ssoenv_complete_roles() { # of the account on the line, by its name or the start of it; else all
    local account line file
    local -i at
    local -a found=()
    for (( at = 1; at <= $#words; at++ )); do
        case $words[at] in
            (--) break ;;
            (-a|--account) account=${(Q)words[at+1]} ;;
            (--account=*) account=${(Q)words[at]#--account=} ;;
            (-a?*) account=${(Q)words[at]#-a} ;;
        esac
    done
    if [[ -z $account ]]; then
        __ssoenv_complete_listed roles
        return
    fi
    for account in $account$'\t' $account; do
        (( $#found )) && break
        for file in "${XDG_STATE_HOME:-$HOME/.local/state}"/ssoenv/assignments/*.held(N-.); do
            for line in ${(f)"$(<$file)"}; do
                [[ $line == "$account"* ]] && found+=(${(s: :)line#*$'\t'})
            done
        done
    done
    compadd -a found
}
__ssoenv_complete_choices() { # in a project its profiles, elsewhere any role
    if [[ $__ssoenv_dir == /* ]]; then __ssoenv_complete_profiles; else __ssoenv_complete_listed targets; fi
}
_ssoenv() {
    local -a ours=(
        @rows@
    )
    while (( CURRENT > 2 )) && [[ $words[2] == -* ]]; do
        shift words
        (( CURRENT-- ))
    done
    local -i at=${words[(i)--]}
    if (( at < CURRENT )); then # a command of the user's own
        shift $at words
        (( CURRENT -= at ))
        _normal
        return
    fi
    if (( CURRENT == 2 )); then
        _describe -t commands command ours
        _arguments '--version' '--verbose' '--plain' '--help'
        return
    fi
    local command=$words[2]
    local -a below
    case $command in
        @groups@
    esac
    if (( $#below )); then
        if (( CURRENT == 3 )); then
            compadd -a below
            return
        fi
        command="$command $words[3]"
        shift words
        (( CURRENT-- ))
    fi
    shift words
    (( CURRENT-- ))
    case $command in
        @commands@
    esac
}
[[ $funcstack[1] == _ssoenv ]] && _ssoenv "$@" || compdef _ssoenv ssoenv
