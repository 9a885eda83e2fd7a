# ssoenv completion for fish. @head@
function __ssoenv_complete_sessions
    set -l file $AWS_CONFIG_FILE
    test -n "$file"; or set file $HOME/.aws/config
    test -f $file -a -r $file; and string replace -rf '^\[sso-session (.+)\]\s*$' '$1' <$file
end
function __ssoenv_complete_profiles
    string split -n ' ' -- $__ssoenv_names
end
function __ssoenv_complete_choices # in a project its profiles, elsewhere any role
    if string match -q '/*' -- $__ssoenv_dir
        __ssoenv_complete_profiles
    else
        __ssoenv_complete_listed targets
    end
end
function __ssoenv_complete_listed # accounts, roles or targets, as the last list has them
    set -l state $XDG_STATE_HOME
    test -n "$state"; or set state $HOME/.local/state
    for file in $state/ssoenv/assignments/*.$argv[1]
        test -f $file; and string match -e -- '' <$file
    end
end
function __ssoenv_complete_roles # of the account on the line, by its name or the start of it; else all
    set -l account
    set -l before
    for word in (commandline -op)
        test "$word" = --; and break
        if contains -- "$before" -a --account
            set account $word
        else if set -l given (string replace -rf '^(?:--account=|-a)(.+)' '$1' -- $word)
            set account $given
        end
        set before $word
    end
    if not set -q account[1]
        __ssoenv_complete_listed roles
        return
    end
    set account (string escape --style=regex -- $account)
    set -l state $XDG_STATE_HOME
    test -n "$state"; or set state $HOME/.local/state
    for more in '' '.*?'
        set -l found
        for file in $state/ssoenv/assignments/*.held
            test -f $file; and set -a found (string replace -rf -- "^$account$more\t(.*)" '$1' <$file)
        end
        if set -q found[1]
            string split -n ' ' -- $found
            return
        end
    end
end
function __ssoenv_complete_own # whether a command of the user's own is typed: after --
    contains -- -- (commandline -opc)
end
complete -c ssoenv -f
set -l none 'not __fish_seen_subcommand_from @top@'
complete -c ssoenv -n $none -l version -d 'Print the version'
complete -c ssoenv -n $none -s v -l verbose -d 'Log what happens, without secrets'
complete -c ssoenv -n $none -l plain -d 'No colours, nothing that moves'
complete -c ssoenv -n $none -s h -l help -d 'Show this help'
@commands@
