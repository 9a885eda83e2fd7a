# ssoenv for fish 3.2 and newer: the role of the directory you are in, and nothing left behind.
# In ~/.config/fish/config.fish, at its end:  ssoenv hook fish | source
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.
# Unlike bash: config.fish is read by scripts too. Where no keys came along, nothing here is for them.
if not status is-interactive
    function ssoenv_prompt
    end
    set -q AWS_ACCESS_KEY_ID; or return 0
end

# What a variable of the environment says is no state of ours: it goes, whatever its name.
if test "$__ssoenv_loaded" != "$fish_pid"; or set -qx __ssoenv_loaded
    for v in (set -ng | string match '__ssoenv_*')
        set -e -g $v
    end
end

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`.
function __ssoenv_settings
    set -g __ssoenv_root __SSOENV_STATE__
    set -g __ssoenv_config __SSOENV_CONFIG__
    set -g __ssoenv_config_folder
    string match -rq -- '(?s)^(?<__ssoenv_config_folder>.*)/[^/]*\z' $__ssoenv_config
    set -g __ssoenv_commands __SSOENV_COMMANDS__
    set -g __ssoenv_agents __SSOENV_AGENTS__
    set -g __ssoenv_agent_marks __SSOENV_MARKS__
end
function __ssoenv_program
    command __SSOENV_EXE__ $argv
end

# --- [state] ------------------------------------------------------------------------------------
# What this shell knows between prompts. None of it is exported, and none of it is a secret.
#   __ssoenv_root, _config, _config_folder, _commands, _agents, _agent_marks: the settings above; __ssoenv_loaded is the process
#                      that read this text, __ssoenv_renewed that it had the program write it anew, and
#                      __ssoenv_defined the names that it made functions of
#   __ssoenv_agent     stands before the mode of a role where a coding agent owns this shell, so that no key is ever
#                      put here; and __ssoenv_store is where credentials are, its own or the person's
#   __ssoenv_state     none, blocked, armed or live
#   __ssoenv_why       why blocked: new, changed, invalid, foreign, settings, never, agents, or a variable that is stuck;
#                      yours: no role of ours, because the user has set one of their own here
#   __ssoenv_pwd       the directory that was looked at last; '' has everything looked at anew
#   __ssoenv_vars      the values of the variables at the end of that look: others now, and somebody has
#                      changed one since; `touched` has them made anew
#   __ssoenv_dir       the directory of the binding file that applies there ('' for /)
#   __ssoenv_p, _trust, _role: the project that is being looked at, what is rendered for it, and for its role
#   __ssoenv_seen      the bytes of its binding file, and __ssoenv_trusted those that its rendering is of
#   __ssoenv_bound     the project whose rendering was read last: kept after leaving it, for coming
#                      back; __ssoenv_generation, _default, _names and _table are what it says
#   __ssoenv_name, _key, _label, _managed, _region, _output, _mode, _protect, _refusal: the chosen
#                      profile of it
#   __ssoenv_live_generation, _live_key, _deadline, _cache_file: the credentials that were read last
#   __ssoenv_applied   what the exported variables were made from; differs: they are made anew
#   __ssoenv_applied_dir  the project whose variables they are
#   __ssoenv_put_key, _put_role, _put_region, _put_output, _put_label: what we exported last, to know
#                      it again
#   __ssoenv_past      the region of the role before, until the next line
#   __ssoenv_hiding    global names of ours that hold nothing, and hide a universal variable
#   __ssoenv_kept      names of the user's own variables, put away in __ssoenv_old_NAME until we leave;
#                      those in __ssoenv_plain were not exported
#   __ssoenv_lent      our regions that another tool, such as direnv, may have saved as the user's, and
#                      __ssoenv_diff what that tool said when we looked last
#   __ssoenv_choice, _choice_dir, _before: the profile that `ssoenv use` chose, where, and the one before
#   __ssoenv_loose     the key of a role for wherever no project is, ssoenv use ACCOUNT/ROLE; and
#                      __ssoenv_loosed that of the one before
#   __ssoenv_allowed   the protected role that this shell may use, until __ssoenv_until, while the file
#                      __ssoenv_yes is there: a sign-out takes every yes away
#   __ssoenv_withheld  whether this shell's own choice may not act, and programs find that out
#   __ssoenv_kind      what stands where the settings would, and __ssoenv_config_seen the bytes of it
#   __ssoenv_hold      set for a line in which the AWS CLI sets itself up: no profile of ours is there
#   __ssoenv_hook      the file of this hook in the state folder, if it was there at the start, and
#                      __ssoenv_gone that it is there no longer
#   __ssoenv_asked     what the program has seen to already, so that it is not started again for it; and
#                      __ssoenv_invalid: of that, what it found to be invalid
#   __ssoenv_news, _said  whether there is something to tell, and what was told last
#   __ssoenv_segment   what the prompt shows, and __ssoenv_style how; __ssoenv_early is how many
#                      seconds before the deadline it has to change
#   __ssoenv_probe, _quick: the words of the test of whether nothing changed, and those of the first look at
#                      a prompt, which are all of it where no file applies; __ssoenv_file and
#                      _settings_file are what else it has to read, and __ssoenv_window how it is sure
#                      of the time
#   __ssoenv_clock, _now, _checked, _hundreds: see the clock
#   __ssoenv_keys, _roles, _all: names of variables: of credentials, of all that may be put away for a role,
#                      and of all that may be in the way of ours; __ssoenv_many and _most are how many;
#                      and __ssoenv_no_profile and _no_keys are words for `env`
#   __ssoenv_aws, _aws_by, _looked: the AWS config that counts, as a live role was last looked at; what says so; and
#                      what notes that it was looked at
#   __ssoenv_stuck     a variable of the user's that cannot be changed, and __ssoenv_hidden the pattern of a
#                      command that no wrapper sees
function __ssoenv_reset
    for v in why dir p pwd seen applied applied_dir put_key put_region put_output put_label put_role past kept plain stuck \
        generation default names table name key label managed region output mode protect refusal \
        live_generation live_key cache_file choice choice_dir before news said asked invalid probe file allowed \
        segment style checked hundreds window quick vars gone hidden loose loosed bound trusted hiding role trust lent diff \
        hold withheld kind config_seen settings_file aws aws_by looked yes
        set -gu __ssoenv_$v
    end
    set -gu __ssoenv_state none
    set -gu __ssoenv_deadline 0
    set -gu __ssoenv_until 0
    set -gu __ssoenv_early
    set -gu __ssoenv_now 0
    for v in $__ssoenv_all
        set -e -g __ssoenv_old_$v
    end
end

# --- [clock] ------------------------------------------------------------------------------------
# Unlike bash: fish has no clock. It has `path mtime -R` (since 3.6), which tells how many seconds ago
# a file was changed; before the moment that is the file's time, the number is negative. So `ssoenv`
# gives a file called @g….ends the deadline as its time, and asking for its age asks the clock.
# That question is a substitution, which costs more than the rest of a prompt. So a deadline more
# than 1,000 seconds away is asked about again only when 100 seconds may have passed: the first line of
# /proc/uptime, without its last two digits and its fraction, is kept as a pattern in
# __ssoenv_hundreds, and as long as it matches, the answer of before holds.
# An older fish asks `date`, which is a process.
# Whether the role whose stamp is FILE lasts beyond this moment; DEADLINE is in seconds since the epoch.
function __ssoenv_before_deadline # FILE DEADLINE
    if test "$__ssoenv_checked" = "$argv[1]" -a -z "$__ssoenv_protect"
        read -l up </proc/uptime
        string match -rq -- $__ssoenv_hundreds $up; and return
    end
    if test -n "$__ssoenv_protect"
        __ssoenv_tick
        test "$__ssoenv_now" -lt "$argv[2]" -a "$__ssoenv_now" -lt "$__ssoenv_until"
    else if test "$__ssoenv_clock" = path
        set -g __ssoenv_checked
        set -l left (builtin path mtime -R -- $argv[1].ends); or return
        if test "$left" -lt -1000
            read -l up </proc/uptime 2>/dev/null
            and string match -rq -- '^(?<hundreds>\d+)\d\d\.' $up
            and set -g __ssoenv_hundreds "^$hundreds\d\d\."
            and set -g __ssoenv_checked $argv[1]
            and test -n "$__ssoenv_window"
            and set -g __ssoenv_window $__ssoenv_hundreds
        end
        test "$left" -lt "-0$__ssoenv_early"
    else
        test (command date +%s) -lt "$argv[2]"
    end
end
# The time, in __ssoenv_now: when the state folder was changed last, and how long ago that is.
function __ssoenv_tick
    if test "$__ssoenv_clock" = path
        set -l made (builtin path mtime -- $__ssoenv_root)
        set -g __ssoenv_now (builtin math $made + (builtin path mtime -R -- $__ssoenv_root))
    else
        set -g __ssoenv_now (command date +%s)
    end
end

# --- [variables] --------------------------------------------------------------------------------
# All that knows the names of variables: what somebody else needs of them is a function here. Unlike bash,
# where a call costs little, this one text stands elsewhere, too:
#   "$AWS_ACCESS_KEY_ID $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_REGION $AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT $AWS_CONFIG_FILE $HOME $SSOENV_LABEL"
set -gu __ssoenv_keys AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE
set -gu __ssoenv_roles $__ssoenv_keys AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE SSOENV_GIVEN
set -gu __ssoenv_all $__ssoenv_roles AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT SSOENV_DIR SSOENV_PROFILE SSOENV_USE SSOENV_LENT
set -gu __ssoenv_many 10 # counting them would be a substitution
set -gu __ssoenv_most 17
# What a parent shell or a tmux server exported, and marked as its own, is ours to take away.
function __ssoenv_adopt
    set -l fish_trace
    string match -q '* AWS_ACCESS_KEY_ID *' " $SSOENV_VARS "; and set -g __ssoenv_put_key $AWS_ACCESS_KEY_ID
    string match -q '* AWS_REGION *' " $SSOENV_VARS "; and set -g __ssoenv_put_region $AWS_REGION
    string match -q '* AWS_DEFAULT_OUTPUT *' " $SSOENV_VARS "; and set -g __ssoenv_put_output $AWS_DEFAULT_OUTPUT
    string match -rq '^[a-z0-9 -]+$' -- "$SSOENV_LENT"; and set -g __ssoenv_lent (string split -n ' ' -- $SSOENV_LENT)
    set -g __ssoenv_diff "$DIRENV_DIFF$__MISE_DIFF"
    set -g __ssoenv_applied inherited
end
# Whether the AWS config is the one that was looked at, by its time, and has the session of the chosen role: that may
# mean another Identity Center by now, or none. The folder knows no way back to a folder above.
function __ssoenv_knows_config
    if test "$AWS_CONFIG_FILE $HOME $__ssoenv_key" != "$__ssoenv_aws_by"
        set -g __ssoenv_aws_by "$AWS_CONFIG_FILE $HOME $__ssoenv_key"
        set -g __ssoenv_aws "$HOME/.aws/config"
        test -z "$AWS_CONFIG_FILE"; or set -g __ssoenv_aws $AWS_CONFIG_FILE
        set -g __ssoenv_looked $__ssoenv_root/configs/(string replace -r '/.*' '' -- "$__ssoenv_key")"$__ssoenv_aws"
        string match -q '/*' -- "$__ssoenv_aws"; and not string match -q '*/../*' -- "$__ssoenv_aws"; or set -g __ssoenv_looked
    end
    test -n "$__ssoenv_looked"
    and test -f "$__ssoenv_looked" -a ! "$__ssoenv_aws" -nt "$__ssoenv_looked" -a ! "$__ssoenv_looked" -nt "$__ssoenv_aws"
end
# Whether the keys with this id are ours, wherever they come from: the state folder knows every one
# that we have handed out. Those that `ssoenv exec` or `export` gave on purpose are the user's.
function __ssoenv_is_key # ID
    test "$argv[1]" = "$__ssoenv_put_key"; and return
    test "$argv[1]" != "$SSOENV_GIVEN"; and string match -rq '^[A-Za-z0-9]+$' -- $argv[1]
    and test -f $__ssoenv_root/keys/$argv[1]
end
function __ssoenv_has_key
    test -n "$AWS_ACCESS_KEY_ID"; and __ssoenv_is_key $AWS_ACCESS_KEY_ID
end
function __ssoenv_has_key_of # FILE: of the credentials of a role
    test -O $argv[1] -a -f $argv[1] -a -r $argv[1]; or return
    read -lzu -d \n -a line <$argv[1]
    test "$AWS_ACCESS_KEY_ID" = "$line[6]"
end
function __ssoenv_is_profile # NAME: ours, or one of an earlier version, which a program may still have
    string match -rq -- '^ssoenv(-protected)?/|^ssoenv$' "$argv[1]"
end
function __ssoenv_has_profile
    test -n "$AWS_PROFILE"; and __ssoenv_is_profile $AWS_PROFILE
end
function __ssoenv_has_none
    test -z "$AWS_PROFILE"; and not set -q AWS_ACCESS_KEY_ID
end
function __ssoenv_has_any_profile
    test -n "$AWS_PROFILE$AWS_DEFAULT_PROFILE"
end
# Whether the chosen profile is there as one that has credentials fetched.
function __ssoenv_waits
    test "$AWS_PROFILE" = "$__ssoenv_managed"
end
# Words for `env`.
set -gu __ssoenv_no_profile -u AWS_PROFILE
set -gu __ssoenv_no_keys -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN
# For one line our role is there as a profile, which another profile simply replaces; not as keys,
# which would win over it.
function __ssoenv_yield
    set -e -g $__ssoenv_keys
    set -gx AWS_PROFILE $__ssoenv_managed
end
# For one line no profile of ours is there; a command of it may have it again.
function __ssoenv_set_aside
    __ssoenv_has_profile; and set -e -g AWS_PROFILE
end
function __ssoenv_with_profile # COMMAND ARGUMENT...
    command env AWS_PROFILE=$__ssoenv_managed $argv
end
# Whether the user has set a role of their own in this shell.
function __ssoenv_theirs
    for v in "$AWS_PROFILE" "$AWS_DEFAULT_PROFILE"
        test -z "$v"; or __ssoenv_is_profile $v; or return 0
    end
    test -n "$AWS_ACCESS_KEY_ID"; and not __ssoenv_is_key $AWS_ACCESS_KEY_ID
end
# Whether what is started reaches its model through AWS, by what the pages of Claude Code and of goose have one set.
function __ssoenv_reaches_aws
    test "$GOOSE_PROVIDER" = aws_bedrock; and return
    for v in "$CLAUDE_CODE_USE_BEDROCK" "$CLAUDE_CODE_USE_MANTLE" "$CLAUDE_CODE_USE_ANTHROPIC_AWS"
        string match -rqi -- '^(0|false)?$' "$v"; or return 0
    end
    return 1
end
# What a coding agent gets in place of our keys is the profile, which each program asks by itself. An agent that
# reaches its model through AWS has what the user had before they came here; then the profile is there only
# where that was no role. Unlike bash: what is local here covers what is exported, for the agent alone.
function __ssoenv_hand_over # COMMAND ARGUMENT...
    set -l fish_trace
    # What a person took beside the project's own profiles is for no agent, nor are its region and label. This very
    # shell has what the project gives for a moment, and what it had, before the agent starts.
    set -l taken
    string match -q '*/*' -- "$__ssoenv_name"; and not string match -q '@*' -- "$__ssoenv_dir"; and set taken $__ssoenv_choice
    set -l put $__ssoenv_put_region
    set -l label $SSOENV_LABEL
    set -l name $SSOENV_PROFILE
    set -l regions $AWS_REGION $AWS_DEFAULT_REGION
    if test -n "$taken"
        __ssoenv_choose
        set put $__ssoenv_put_region
        set label $SSOENV_LABEL
        set name $SSOENV_PROFILE
        set regions $AWS_REGION $AWS_DEFAULT_REGION
        __ssoenv_choose $taken
    end
    test -n "$taken"; and set -l SSOENV_USE
    test -n "$taken"; and set -lx SSOENV_LABEL $label
    test -n "$taken"; and set -lx SSOENV_PROFILE $name
    test -n "$taken"; and set -l AWS_REGION
    test -n "$taken"; and set -l AWS_DEFAULT_REGION
    test -n "$taken" -a -n "$regions"; and set -lx AWS_REGION $regions[1]
    test -n "$taken" -a -n "$regions"; and set -lx AWS_DEFAULT_REGION $regions[-1]
    set -l reaches 0
    __ssoenv_reaches_aws; and set reaches 1
    set -l region 0
    test -n "$put" -a "$AWS_REGION $AWS_DEFAULT_REGION" = "$put $put"; and set region 1
    set -l again 0
    test $reaches$region = 11; and string match -q '*_REGION*' "$__ssoenv_kept"; and set again 1
    # What stands before the command is local, too, and the user's word. No loop: what is local to a block is gone
    # at its end.
    set -l others
    __ssoenv_theirs; and set others before
    set -ql AWS_ACCESS_KEY_ID; or set -l AWS_ACCESS_KEY_ID
    set -ql AWS_SECRET_ACCESS_KEY; or set -l AWS_SECRET_ACCESS_KEY
    set -ql AWS_SESSION_TOKEN; or set -l AWS_SESSION_TOKEN
    set -ql AWS_SECURITY_TOKEN; or set -l AWS_SECURITY_TOKEN
    set -l AWS_CREDENTIAL_EXPIRATION
    set -l AWS_SSO_PROFILE
    set -l SSOENV_GIVEN
    set -ql AWS_PROFILE; or set -l AWS_PROFILE
    set -q AWS_DEFAULT_PROFILE; or set -l AWS_DEFAULT_PROFILE
    set -q AWS_WEB_IDENTITY_TOKEN_FILE; or set -l AWS_WEB_IDENTITY_TOKEN_FILE
    test $again = 1; and set -l AWS_REGION
    test $again = 1; and set -l AWS_DEFAULT_REGION
    if test $reaches = 1 -a -z "$others"
        for v in $__ssoenv_kept
            # A key for Bedrock alone is no role, and is enough.
            test -n "$AWS_BEARER_TOKEN_BEDROCK"; and builtin contains -- $v $__ssoenv_roles; and continue
            test -n "$$v"; or builtin contains -- $v $__ssoenv_plain; and continue
            set -l old __ssoenv_old_$v
            set -x $v $$old
        end
        set others "$AWS_ACCESS_KEY_ID$AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_WEB_IDENTITY_TOKEN_FILE$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI$AWS_CONTAINER_CREDENTIALS_FULL_URI"
    end
    set -l vars
    test -n "$others"; or set vars AWS_PROFILE
    test -n "$others"; or set -x AWS_PROFILE ssoenv
    test $region$again = 10; and set -a vars AWS_REGION AWS_DEFAULT_REGION
    test -n "$__ssoenv_put_output" -a "$AWS_DEFAULT_OUTPUT" = "$__ssoenv_put_output"; and set -a vars AWS_DEFAULT_OUTPUT
    set -q SSOENV_VARS; and set -lx SSOENV_VARS "$vars"
    command $argv
end
# The same for all that this shell starts from now on: in a script.
function __ssoenv_put_profile
    set -e -g $__ssoenv_keys AWS_SECURITY_TOKEN SSOENV_GIVEN
    set -l vars
    if not __ssoenv_theirs
        set vars AWS_PROFILE
        set -gx AWS_PROFILE ssoenv
    end
    test -n "$__ssoenv_put_region" -a "$AWS_REGION $AWS_DEFAULT_REGION" = "$__ssoenv_put_region $__ssoenv_put_region"; and set -a vars AWS_REGION AWS_DEFAULT_REGION
    test -n "$__ssoenv_put_output" -a "$AWS_DEFAULT_OUTPUT" = "$__ssoenv_put_output"; and set -a vars AWS_DEFAULT_OUTPUT
    set -q SSOENV_VARS; and set -gx SSOENV_VARS "$vars"
    return 0
end
# Take away what is ours, however it came here. What the user has put in its place stays. The usual two
# cases first: everything is as we left it, and nothing is there that could be ours.
function __ssoenv_drop
    if test -n "$__ssoenv_put_key" -a -n "$__ssoenv_put_region" -a "$AWS_ACCESS_KEY_ID $AWS_REGION $AWS_DEFAULT_REGION $AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_DEFAULT_OUTPUT" = "$__ssoenv_put_key $__ssoenv_put_region $__ssoenv_put_region "
        set -e -g AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SSO_PROFILE SSOENV_GIVEN AWS_REGION AWS_DEFAULT_REGION SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
        set -g __ssoenv_past $__ssoenv_put_region
    else if test -z "$AWS_ACCESS_KEY_ID$AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_REGION$AWS_DEFAULT_REGION$AWS_DEFAULT_OUTPUT$SSOENV_DIR$SSOENV_PROFILE$SSOENV_USE$SSOENV_LENT$__ssoenv_put_key$__ssoenv_put_region$__ssoenv_put_output$__ssoenv_applied"
        return 0
    else
        __ssoenv_look_and_drop
    end
    set -e -g __ssoenv_put_key __ssoenv_put_region __ssoenv_put_output __ssoenv_put_label __ssoenv_applied
    return 0
end
# Unlike bash: a call costs so much that what is usual is looked at in place.
function __ssoenv_look_and_drop
    set -l gone SSOENV_DIR SSOENV_LABEL SSOENV_VARS SSOENV_PROFILE SSOENV_USE SSOENV_LENT
    if test -n "$AWS_ACCESS_KEY_ID$__ssoenv_put_key"
        if test -n "$AWS_ACCESS_KEY_ID" -a "$AWS_ACCESS_KEY_ID" = "$__ssoenv_put_key"; or __ssoenv_is_key $AWS_ACCESS_KEY_ID
            set -a gone $__ssoenv_keys SSOENV_GIVEN
        else if test -n "$__ssoenv_put_key"
            __ssoenv_remains $__ssoenv_put_role/@role
        end
        test -n "$__ssoenv_put_label" -a "$AWS_SSO_PROFILE" = "$__ssoenv_put_label"; and set -a gone AWS_SSO_PROFILE
    end
    if test -n "$AWS_PROFILE$AWS_DEFAULT_PROFILE$AWS_DEFAULT_OUTPUT"
        test -n "$AWS_PROFILE"; and __ssoenv_is_profile $AWS_PROFILE; and set -a gone AWS_PROFILE
        test -n "$AWS_DEFAULT_PROFILE"; and __ssoenv_is_profile $AWS_DEFAULT_PROFILE; and set -a gone AWS_DEFAULT_PROFILE
        test -n "$__ssoenv_put_output" -a "$AWS_DEFAULT_OUTPUT" = "$__ssoenv_put_output"; and set -a gone AWS_DEFAULT_OUTPUT
    end
    if test -n "$__ssoenv_put_region" -a "$AWS_REGION $AWS_DEFAULT_REGION" = "$__ssoenv_put_region $__ssoenv_put_region"
        set -a gone AWS_REGION AWS_DEFAULT_REGION
        set -g __ssoenv_past $__ssoenv_put_region
    else if test -n "$AWS_REGION$AWS_DEFAULT_REGION"
        for v in AWS_REGION AWS_DEFAULT_REGION
            test -n "$$v"; and __ssoenv_is_region $$v; and set -a gone $v
        end
        if test -n "$__ssoenv_put_region"
            set -g __ssoenv_past $__ssoenv_put_region
            # Whoever has set another one may have saved ours.
            builtin contains -- $__ssoenv_put_region $__ssoenv_lent; or set -ga __ssoenv_lent $__ssoenv_put_region
        end
    end
    set -e -g $gone
end
# A scope may uncover the region of the role before, until the next line; and another tool may give one
# back that it has saved, which shows in what that tool says of itself.
function __ssoenv_is_region # VALUE
    builtin contains -- $argv[1] "$__ssoenv_put_region" "$__ssoenv_past"; and return
    builtin contains -- $argv[1] $__ssoenv_lent; and test "$DIRENV_DIFF$__MISE_DIFF" != "$__ssoenv_diff"
end
# The next line is there: what was to be known of the role before, and given back, is over.
function __ssoenv_forget
    set -g __ssoenv_past
    test -n "$__ssoenv_applied_dir"; and return
    set -g __ssoenv_kept
    set -g __ssoenv_plain
end
# Where the user has set a key id of their own, take away what still is of ours beside it.
function __ssoenv_remains --no-scope-shadowing # FILE
    test -O $argv[1] -a -f $argv[1] -a -r $argv[1]; or return
    read -lzu -d \n -a line <$argv[1]
    test "$AWS_SECRET_ACCESS_KEY" = "$line[7]"; and set -a gone AWS_SECRET_ACCESS_KEY
    test "$AWS_SESSION_TOKEN" = "$line[8]"; and set -a gone AWS_SESSION_TOKEN
    test "$AWS_CREDENTIAL_EXPIRATION" = "$line[9]"; and set -a gone AWS_CREDENTIAL_EXPIRATION
end
# Put the user's own values away, of the variables NAME..., so that leaving gives them back.
function __ssoenv_keep # NAME...
    for v in $argv
        set -q $v; or continue
        # Unlike bash: a universal variable stays where it is; a global one of ours hides it, and what
        # is local to a function of the user's ends with it.
        if set -qg $v
            builtin contains -- $v $__ssoenv_kept; or set -ga __ssoenv_kept $v
            set -gu __ssoenv_old_$v $$v
            set -qx $v; or set -ga __ssoenv_plain $v
            set -e -g $v
        end
        if set -qUx $v
            # fish exports a universal variable even where a global one hides it.
            set -g __ssoenv_stuck "$v is a universal, exported variable of fish"
        else if set -q $v
            set -gu $v
            set -ga __ssoenv_hiding $v
        end
    end
    return 0
end
# Give the user's own variables NAME... back, where nothing has taken their place.
function __ssoenv_give # NAME...
    for v in $argv
        set -qg $v; and continue
        set -l at (builtin contains -i -- $v $__ssoenv_kept); or continue
        set -e -g __ssoenv_kept[$at]
        set -l o __ssoenv_old_$v
        if contains -- $v $__ssoenv_plain
            set -gu $v $$o
        else
            set -gx $v $$o
        end
        set -e -g $o
    end
end
# Nothing of ours beside a role that the user has set here.
function __ssoenv_make_way
    __ssoenv_drop
    __ssoenv_give AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT
end
# Leave: nothing of ours stays, and the user has what they had, unless they have changed it since.
function __ssoenv_leave
    __ssoenv_drop
    set -e -g __ssoenv_applied_dir
    test -n "$__ssoenv_hiding$__ssoenv_kept"; or return 0
    for v in $__ssoenv_hiding
        test -z "$$v"; and set -e -g $v
    end
    set -g __ssoenv_hiding
    # What something else has taken the place of may come free until the next line.
    __ssoenv_give $__ssoenv_kept
end
# Clear first, export second: whatever fails, nothing runs with the role of before.
function __ssoenv_apply --no-scope-shadowing --argument-names r o # REGION OUTPUT
    # The status of set -q is how many of the names are not set: usually all, and nothing is in the way.
    set -q $__ssoenv_all
    if test $status -ne $__ssoenv_most -o -n "$__ssoenv_applied"
        __ssoenv_make_room; or return
    end
    set -e -g __ssoenv_live_generation __ssoenv_live_key
    set -g __ssoenv_applied_dir $p
    if test $next = blocked
        set -g __ssoenv_withheld 1
    else
        __ssoenv_live $__ssoenv_role/@role
    end
    set -l vars $__ssoenv_keys
    if test $next != live -o "$__ssoenv_mode" != keys
        set vars AWS_PROFILE
        test -n "$__ssoenv_hold"; or set -gx AWS_PROFILE $__ssoenv_managed
    end
    if test -n "$r"
        set -a vars AWS_REGION AWS_DEFAULT_REGION
        set -g __ssoenv_put_region $__ssoenv_region
        set -gx AWS_REGION $__ssoenv_region
        set -gx AWS_DEFAULT_REGION $__ssoenv_region
    end
    if test -n "$o"
        set -a vars AWS_DEFAULT_OUTPUT
        set -g __ssoenv_put_output $__ssoenv_output
        set -gx AWS_DEFAULT_OUTPUT $__ssoenv_output
    end
    set -g __ssoenv_applied "$next:$p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice"
    set -gx SSOENV_DIR $p
    test -n "$p"; or set -gx SSOENV_DIR /
    set -gx SSOENV_LABEL $__ssoenv_label
    set -gx SSOENV_VARS "$vars"
    set -gx SSOENV_PROFILE $__ssoenv_name
    test -n "$__ssoenv_lent$__ssoenv_choice"; or return 0
    test -z "$__ssoenv_lent"; or set -gx SSOENV_LENT "$__ssoenv_lent"
    # Only what a person chose in this shell is a choice for its children, in this project.
    test -n "$__ssoenv_choice" -a "$__ssoenv_choice_dir" = "$p" -a "$__ssoenv_choice" = "$__ssoenv_name"
    and set -gx SSOENV_USE $__ssoenv_name
end
# Take away what is ours, and put away what is the user's: in the caller's `r` and `o` is what of region and
# output is still to be set. False where a variable is stuck.
function __ssoenv_make_room --no-scope-shadowing
    set -l again 0
    test "$__ssoenv_applied_dir" = "$p"; and set again 1
    __ssoenv_drop
    set -q $__ssoenv_all
    test $status -eq $__ssoenv_most -a -z "$__ssoenv_kept"; and return
    set -q $__ssoenv_roles
    test $status -eq $__ssoenv_many; or __ssoenv_keep $__ssoenv_roles
    # A region or an output that the user has set since we came here is their word; outside of projects
    # any region of theirs is, for none of ours was written for the place, unless they named it to us.
    set -l word $again
    if string match -q '@*' -- "$p"; and not string match -q '*/region:*' -- "$p"
        set word 1
        test -z "$__ssoenv_kept"; or __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    end
    if test -n "$AWS_REGION$AWS_DEFAULT_REGION" -a $word = 1
        set r
        set -g __ssoenv_put_region $__ssoenv_region
    else if test -z "$r"
        test -z "$__ssoenv_kept"; or __ssoenv_give AWS_REGION AWS_DEFAULT_REGION
    else if set -q AWS_REGION; or set -q AWS_DEFAULT_REGION
        __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
    end
    if test -n "$AWS_DEFAULT_OUTPUT" -a $again = 1
        set o
    else if test -z "$o"
        test -z "$__ssoenv_kept"; or __ssoenv_give AWS_DEFAULT_OUTPUT
    else if set -q AWS_DEFAULT_OUTPUT
        __ssoenv_keep AWS_DEFAULT_OUTPUT
    end
    test -n "$__ssoenv_stuck"; or return 0
    set -e -g __ssoenv_live_generation __ssoenv_live_key
    set -g __ssoenv_applied_dir $p
    set -g __ssoenv_why $__ssoenv_stuck
    set -g __ssoenv_stuck
    set next blocked
    return 1
end
# Read the credentials of the chosen role, and export them if they may be here. Lines: header,
# generation, deadline, key of the role, seconds that a yes holds, id, secret, token, expiration,
# cache file. No command has them among its words, so neither a trace nor a stack trace shows them.
# Unlike bash: a function sees its caller's variables only when told so.
function __ssoenv_live --no-scope-shadowing # FILE
    test -O $argv[1] -a -f $argv[1] -a -r $argv[1]; or return 0
    read -lzu -d \n -a line <$argv[1]
    test "$line[1]:$line[4]" = "ssoenv 2:$__ssoenv_key" -a -n "$line[10]"; and string match -rq -- '^[0-9]+\z' $line[3]; or return 0
    # A folder on the way to the cache file may have a newline in its name.
    set -q line[11]; and set line[10] (string join \n -- $line[10..-1] | string collect)
    set -g __ssoenv_live_generation $line[2]
    set -g __ssoenv_live_key $__ssoenv_key
    set -g __ssoenv_deadline $line[3]
    set -g __ssoenv_cache_file $line[10]
    # The settings may protect a role that was not known to be the one they mean.
    if test -n "$line[5]$__ssoenv_protect"
        test -n "$__ssoenv_protect"; or set -g __ssoenv_protect $line[5]
        __ssoenv_may; or return 0
    end
    # The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
    test -f $line[10] -a ! $line[10] -nt $__ssoenv_role/@$line[2]; and __ssoenv_knows_config; and __ssoenv_before_deadline $__ssoenv_role/@$line[2] $line[3]; or return 0
    set next live
    test "$__ssoenv_mode" = keys; or return 0
    set -g __ssoenv_put_key $line[6]
    set -g __ssoenv_put_label $__ssoenv_label
    set -g __ssoenv_put_role $__ssoenv_role
    set -gx AWS_ACCESS_KEY_ID $line[6]
    set -gx AWS_SECRET_ACCESS_KEY $line[7]
    set -gx AWS_SESSION_TOKEN $line[8]
    set -gx AWS_CREDENTIAL_EXPIRATION $line[9]
    set -gx AWS_SSO_PROFILE $__ssoenv_label
end

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
function __ssoenv_binding # GENERATION DEFAULT NAMES PATHS TRUSTED AGENT
    # The profile for coding agents, or `!`, is all that an agent's shell knows.
    test -n "$__ssoenv_agent" -a -n "$argv[6]"; and set argv $argv[1] $argv[6] " $argv[6] " '' $argv[5]
    set -g __ssoenv_generation $argv[1]
    set -g __ssoenv_default $argv[2]
    set -g __ssoenv_names $argv[3]
    set -g __ssoenv_table $argv[4]
    set -g __ssoenv_trusted $argv[5]
    set -g __ssoenv_name $argv[2]
    test -z "$argv[4]$__ssoenv_choice"; or __ssoenv_select
end
function __ssoenv_profile # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT REFUSAL
    # With all nine words: a line that is cut off would say that nothing protects the role.
    test "$argv[1]" = "$__ssoenv_name"; and set -q argv[9]; or return 0
    set -g __ssoenv_key $argv[2]
    set -g __ssoenv_label $argv[3]
    set -g __ssoenv_managed $argv[4]
    set -g __ssoenv_region $argv[5]
    set -g __ssoenv_output $argv[6]
    set -g __ssoenv_mode "$__ssoenv_agent$argv[7]"
    set -g __ssoenv_protect $argv[8]
    set -g __ssoenv_refusal $argv[9]
end
# Read what is rendered in FOLDER, if it is our own and whole: its stamp is looked for after reading.
function __ssoenv_load # FOLDER
    set -e -g __ssoenv_generation __ssoenv_key
    test -O $argv[1]/@fish -a -f $argv[1]/@fish -a -r $argv[1]/@fish; and builtin source $argv[1]/@fish
    test -n "$__ssoenv_generation" -a -f "$argv[1]/@$__ssoenv_generation"; or set -g __ssoenv_generation
end

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
function __ssoenv_sync
    __ssoenv_unchanged; or __ssoenv_resync $PWD $PWD/.ssoenv.toml none
    return 0
end
# The test of this very situation: a few stats and one small read. The stamps are named after
# generations, so that being there means being current.
# Unlike bash: `test` takes its words from a list, so nothing has to be compiled.
function __ssoenv_unchanged
    test "$PWD" = "$__ssoenv_pwd" -a "$AWS_ACCESS_KEY_ID $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_REGION $AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT $AWS_CONFIG_FILE $HOME $SSOENV_LABEL" = "$__ssoenv_vars" $__ssoenv_probe; or return
    if test -n "$__ssoenv_file"
        begin
            set -l fish_read_limit 65536
            read -lz reply
            # It has just these bytes only if nothing comes after them, not even behind a NUL.
            test "$reply" = "$__ssoenv_seen"; or return
            read -z reply; and return 1
        end <$__ssoenv_file
    end
    if test -n "$__ssoenv_settings_file"
        begin
            set -l fish_read_limit 65536
            read -lz reply
            test "$reply" = "$__ssoenv_config_seen"; or return
            read -z reply; and return 1
        end <$__ssoenv_settings_file
    end
    switch "$__ssoenv_window"
        case ''
            return 0
        case '^*'
            read -l up </proc/uptime
            string match -rq -- $__ssoenv_window $up; and return
    end
    __ssoenv_before_deadline $__ssoenv_role/@$__ssoenv_live_generation $__ssoenv_deadline
end
# Look at everything anew. Whoever calls this hands over what it begins with: one call costs less than
# four variables. The last name has no value, ever: whatever is traced, no key is among it.
function __ssoenv_resync --argument-names p f next probe fish_trace # DIRECTORY FILE none
    # What a function, or a word before a command, has for itself is copied into each function that is
    # called: here only what is global counts.
    set -e -l $__ssoenv_all SSOENV_LABEL SSOENV_VARS
    # Until the end nothing is known: whoever is interrupted has to look again.
    set -e -g __ssoenv_pwd __ssoenv_kind __ssoenv_why __ssoenv_news __ssoenv_seen __ssoenv_withheld __ssoenv_dir __ssoenv_segment __ssoenv_early __ssoenv_file __ssoenv_settings_file __ssoenv_window __ssoenv_gone
    test -f $f; or __ssoenv_look_above
    # `ssoenv setup --undo` removes the file of this hook. One that is no longer there gives no role, and the
    # next prompt takes it out.
    if test -n "$__ssoenv_hook" -a ! -f "$__ssoenv_hook"
        set f
        set -g __ssoenv_loose
        set -g __ssoenv_gone 1
    end
    set -g __ssoenv_p $p
    if test -n "$f"
        __ssoenv_judge
        set -g __ssoenv_dir $p
    else if test -n "$__ssoenv_loose" -a -f "$__ssoenv_root/loose/$__ssoenv_loose/@fish"
        set p @$__ssoenv_loose
        set -g __ssoenv_p $p
        set -g __ssoenv_trust $__ssoenv_root/loose/$__ssoenv_loose
        set next armed
        __ssoenv_current; or set -g __ssoenv_why settings
        test "$__ssoenv_bound" = "$p" -a -n "$__ssoenv_generation" -a -f "$__ssoenv_trust/@$__ssoenv_generation"; or __ssoenv_load $__ssoenv_trust
        set -g __ssoenv_bound $p
        if test -z "$__ssoenv_generation"
            set next none
            test -z "$__ssoenv_why"; or set next blocked
        end
        test $next = none; or set -g __ssoenv_dir $p
    end
    switch $next
        case armed
            __ssoenv_bind
    end
    set -g __ssoenv_state $next
    switch $next
        case none
            test -n "$__ssoenv_why"; or __ssoenv_leave
        case blocked
            test -n "$__ssoenv_withheld"; or __ssoenv_leave
            test "$__ssoenv_said" = "$__ssoenv_why:$f:$__ssoenv_seen"; or set -g __ssoenv_news 1
    end
    # What another tool has saved of ours it may give back in a shell that is started from here, too.
    test -z "$__ssoenv_lent" -o -z "$DIRENV_DIFF$__MISE_DIFF"; or set -gx SSOENV_LENT "$__ssoenv_lent"
    test -z "$__ssoenv_style" -o $next = none; or __ssoenv_draw
    __ssoenv_compile
    test "$DIRENV_DIFF$__MISE_DIFF" = "$__ssoenv_diff"; or set -g __ssoenv_diff "$DIRENV_DIFF$__MISE_DIFF"
    if test -n "$__ssoenv_hold$__ssoenv_gone" # this look was not the last one here
        set -g __ssoenv_vars touched
        return 0
    end
    set -g __ssoenv_vars "$AWS_ACCESS_KEY_ID $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_REGION $AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT $AWS_CONFIG_FILE $HOME $SSOENV_LABEL"
    set -g __ssoenv_pwd $PWD
end
# The nearest binding file above: `f`, in the directory `p`; none at all is usual, so that is tested at
# once. Unlike bash: what the test is made of is a list of words.
function __ssoenv_look_above --no-scope-shadowing
    if not string match -q -- '*'\n'*' $p
        set p ''
        # A command substitution takes as long as ten directories.
        set -l names
        string match -arq -- '(?<names>[^/]+)' $PWD
        for name in $names
            set p $p/$name
            set -p probe -a ! -f $p/.ssoenv.toml
        end
        set -a probe -a ! -f /.ssoenv.toml
        set f
        test a = a $probe; and set p ''; and return
        set probe
        set p $PWD
    end
    test $p = /; and set p ''
    while not test -f $p/.ssoenv.toml
        set -a probe -a ! -f $p/.ssoenv.toml
        if not string match -rq -- '(?s)^(?<p>.*)/[^/]*\z' $p
            set f
            return
        end
    end
    set f $p/.ssoenv.toml
end
# Whether the binding file may act: in `next` and __ssoenv_why. It is read only after its owner and
# our trust say that it may matter, and no more of it than a block too much. Unlike bash: a NUL at its
# very end is not seen.
function __ssoenv_judge --no-scope-shadowing
    set next blocked
    switch $p
        case '*/@*' # a directory whose name begins with @ has one more there
            set -g __ssoenv_trust $__ssoenv_root/trust(string replace -a /@ /@@ -- $p)
        case '*'
            set -g __ssoenv_trust $__ssoenv_root/trust$p
    end
    if not test -O $f
        set -g __ssoenv_why foreign
    else if not test -O $__ssoenv_trust/@toml
        set -g __ssoenv_why new
    else if test -e $__ssoenv_config_folder -o ! -f $__ssoenv_root/settings/@none; and not __ssoenv_current
        set -g __ssoenv_why settings
    else
        # No more than that, exactly its bytes, and nothing if something comes after a NUL.
        if test -f $f -a -r $f -a -s $f
            begin
                set -l fish_read_limit 65536
                read -gz __ssoenv_seen
                read -lz more; and set -g __ssoenv_seen
            end <$f
        end
        # A stamp that is there says that what was read before is still current.
        if test "$__ssoenv_bound" != "$p" -o -z "$__ssoenv_generation" -o ! -f "$__ssoenv_trust/@$__ssoenv_generation"
            __ssoenv_load $__ssoenv_trust
            set -g __ssoenv_bound $p
        end
        if test -n "$__ssoenv_generation" -a -n "$__ssoenv_seen" -a "$__ssoenv_seen" = "$__ssoenv_trusted"
            set next armed
            set -g __ssoenv_asked
        else
            set -g __ssoenv_why changed
            test "$__ssoenv_asked" = "$f:$__ssoenv_seen"; or __ssoenv_ask
            test "$__ssoenv_invalid" = "$f:$__ssoenv_seen"; and set -g __ssoenv_why invalid
        end
    end
end
# The program knows whether these bytes were trusted before, and mends what is half-written.
function __ssoenv_ask --no-scope-shadowing
    set -g __ssoenv_asked "$f:$__ssoenv_seen"
    set -g __ssoenv_invalid
    test -f $__ssoenv_trust/@history -o -z "$__ssoenv_generation"; or return 0
    set -l asked $p
    test -n "$p"; or set asked /
    __ssoenv_program renew $asked </dev/null >/dev/null 2>&1
    set -l code $status
    test $code = 5; and set -g __ssoenv_invalid $__ssoenv_asked
    test $code = 0; or return 0
    __ssoenv_load $__ssoenv_trust
    # Unlike bash: a call costs so much that the usual case compares in place.
    if test -n "$__ssoenv_generation" -a -n "$__ssoenv_seen" -a "$__ssoenv_seen" = "$__ssoenv_trusted"
        set next armed
        set -g __ssoenv_why
        set -g __ssoenv_asked
    end
end
# Whether all that is rendered is as the settings have it. If their bytes are not those that were read
# last, the program reads them, once.
function __ssoenv_current
    __ssoenv_as_read @ok; and return 0
    __ssoenv_as_read @bad; and return 1
    __ssoenv_program renew </dev/null >/dev/null 2>&1
    set -g __ssoenv_generation
    set -g __ssoenv_kind
    __ssoenv_as_read @ok
end
function __ssoenv_as_read # @ok|@bad: whether the settings are what that stamp holds
    set -l stamp $__ssoenv_root/settings/$argv[1]
    test -n "$__ssoenv_kind"; or __ssoenv_look_at_settings
    switch $__ssoenv_kind
        case f
            test -f $stamp -a -r $stamp; or return 1
            set -l fish_read_limit 65536
            read -lz reply <$stamp
            test "$reply" = "$__ssoenv_config_seen"
        case z
            test -f $stamp -a ! -s $stamp
        case e l
            test $argv[1] = @bad -a -f $stamp
        case '*'
            test $argv[1] = @ok -a -f $__ssoenv_root/settings/@none
    end
end
# What stands where the settings would, in __ssoenv_kind: a file, with its bytes in __ssoenv_config_seen;
# z an empty one; e what cannot be read, or is no text of ours; l a link to nothing; - nothing; n is no
# folder for them either.
function __ssoenv_look_at_settings
    set -g __ssoenv_config_seen
    if test ! -e $__ssoenv_config_folder
        set -g __ssoenv_kind n
    else if test -f $__ssoenv_config -a -r $__ssoenv_config
        set -g __ssoenv_kind f
        if test ! -s $__ssoenv_config
            set -g __ssoenv_kind z
            return
        end
        begin
            set -l fish_read_limit 65536
            read -gz __ssoenv_config_seen
            read -lz more; and set -g __ssoenv_config_seen
        end <$__ssoenv_config
        test -n "$__ssoenv_config_seen"; or set -g __ssoenv_kind e
    else if test -e $__ssoenv_config
        set -g __ssoenv_kind e
    else if test -L $__ssoenv_config
        set -g __ssoenv_kind l
    else
        set -g __ssoenv_kind -
    end
end
# A trusted binding: choose its profile and make the variables, if they are not already so.
function __ssoenv_bind --no-scope-shadowing
    if test -n "$__ssoenv_table$__ssoenv_choice"
        set -l wanted $__ssoenv_name
        __ssoenv_select
        test "$__ssoenv_name" = "$wanted"; or set -g __ssoenv_key
    end
    if test -z "$__ssoenv_key" -o -n "$__ssoenv_why$__ssoenv_refusal"
        test -n "$__ssoenv_key"; or __ssoenv_load $__ssoenv_trust
        if test -z "$__ssoenv_generation" -o -z "$__ssoenv_key"
            set next blocked
            set -g __ssoenv_why changed
            test -n "$__ssoenv_generation"; and string match -q -- ! "$__ssoenv_name"; and set -g __ssoenv_why agents
            return
        else if test -n "$__ssoenv_why$__ssoenv_refusal"
            set next blocked
            test -n "$__ssoenv_why"; or set -g __ssoenv_why never
            __ssoenv_is_own; or return 0 # of a file, that is as if it were not there
        end
    end
    set -g __ssoenv_role $__ssoenv_store/$__ssoenv_key
    if test $next = armed -a "$__ssoenv_applied" = "live:$p:$__ssoenv_generation:$__ssoenv_name:$__ssoenv_choice" -a "$__ssoenv_live_key" = "$__ssoenv_key" \
            -a "$AWS_ACCESS_KEY_ID $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_REGION $AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT $AWS_CONFIG_FILE $HOME $SSOENV_LABEL" = "$__ssoenv_vars" \
            -a -f "$__ssoenv_cache_file" -a ! "$__ssoenv_cache_file" -nt "$__ssoenv_role/@$__ssoenv_live_generation"
        and __ssoenv_knows_config
        and __ssoenv_before_deadline "$__ssoenv_role/@$__ssoenv_live_generation" $__ssoenv_deadline
        set next live
    else if test "$__ssoenv_applied_dir" = "$p"; and __ssoenv_theirs
        # Set here since: that is the user's word, and nothing of ours may stand beside it.
        __ssoenv_make_way
        set next none
        set -g __ssoenv_why yours
    else
        __ssoenv_apply "$__ssoenv_region" "$__ssoenv_output"
    end
end
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
function __ssoenv_may
    test -n "$__ssoenv_protect"; or return 0
    __ssoenv_tick
    test "$__ssoenv_allowed" = "$__ssoenv_key" -a -f "$__ssoenv_yes" -a "$__ssoenv_now" -lt "$__ssoenv_until"
end
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
function __ssoenv_select
    set -g __ssoenv_name $__ssoenv_default
    if test -n "$__ssoenv_choice" -a "$__ssoenv_choice_dir" = "$__ssoenv_p"
        and string match -q -- "* $__ssoenv_choice *" "$__ssoenv_names"
        set -g __ssoenv_name $__ssoenv_choice
        return
    end
    test -n "$__ssoenv_table"; or return 0
    set -l rows (string split \n -- $__ssoenv_table)
    set -l rel $PWD
    while test "$rel" != "$__ssoenv_p" -a -n "$rel"
        # The rest of a row begins where the path and its tab end.
        for row in $rows
            set -l parts (string split -m 1 \t -- $row)
            if test "$__ssoenv_p$parts[1]" = "$rel" -a -n "$parts[1]"
                set -g __ssoenv_name $parts[2]
                return
            end
        end
        string match -rq -- '(?s)^(?<rel>.*)/[^/]*\z' $rel; or return 0
    end
end
# In a script: keys of ours that came along stay where the directory gives the role that they are of. Elsewhere the
# profile takes their place, which each program asks, and which knows. No word, no sign-in, and no key where none was.
function __ssoenv_follow --argument-names p f next fish_trace # DIRECTORY FILE none
    __ssoenv_has_key; or return 0
    set -l probe
    set -e -g __ssoenv_kind __ssoenv_why __ssoenv_seen __ssoenv_key
    test -f $f; or __ssoenv_look_above
    set -g __ssoenv_p $p
    if test -n "$f"
        __ssoenv_judge
        test $next = armed; and __ssoenv_load $__ssoenv_trust
    else if string match -rq -- '^@[A-Za-z0-9%._:/-]+$' "$SSOENV_DIR"; and not string match -q '*..*' -- "$SSOENV_DIR"
        set next armed
        set -g __ssoenv_key (string sub -s 2 -- $SSOENV_DIR)
        set -g __ssoenv_mode "$__ssoenv_agent"keys
        set -e -g __ssoenv_refusal __ssoenv_protect
    end
    if test $next = armed -a "$__ssoenv_mode" = keys -a -n "$__ssoenv_key" -a -z "$__ssoenv_refusal$__ssoenv_protect"
        __ssoenv_has_key_of $__ssoenv_store/$__ssoenv_key/@role; and __ssoenv_knows_config; and return
    end
    __ssoenv_put_profile
end
# Make the words of the test in __ssoenv_unchanged.
function __ssoenv_compile --no-scope-shadowing
    switch "$next$__ssoenv_why"
        case none
            set -g __ssoenv_quick $probe
            set -g __ssoenv_probe $probe
            return
        case live
            set -a probe -a -f "$__ssoenv_trust/@$__ssoenv_generation" \
                -a -f $__ssoenv_cache_file -a ! $__ssoenv_cache_file -nt $__ssoenv_role/@$__ssoenv_live_generation \
                -a -f "$__ssoenv_looked" -a ! "$__ssoenv_aws" -nt "$__ssoenv_looked" -a ! "$__ssoenv_looked" -nt "$__ssoenv_aws"
            set -g __ssoenv_file $f
            if test "$__ssoenv_checked" = $__ssoenv_role/@$__ssoenv_live_generation -a -z "$__ssoenv_protect"
                set -g __ssoenv_window $__ssoenv_hundreds
            else
                set -g __ssoenv_window look
            end
        case blockednew
            set -a probe -a -f $f -a ! -f $__ssoenv_trust/@toml
        case blockedforeign
            set -a probe -a -f $f -a ! -O $f
        case blockedsettings
            set -a probe -a -f $__ssoenv_root/settings/@bad
        case blockedchanged blockedinvalid
            set -a probe -a -f $__ssoenv_trust/@toml
            set -g __ssoenv_file $f
        case '*'
            set -a probe -a -f "$__ssoenv_trust/@$__ssoenv_generation"
            set -g __ssoenv_file $f
            if test $next = armed -a -n "$__ssoenv_live_generation"
                set -a probe -a -f $__ssoenv_role/@$__ssoenv_live_generation
            else if test $next = armed -a -z "$__ssoenv_protect"
                set -a probe -a ! -f $__ssoenv_role/@role
            end
    end
    set -g __ssoenv_quick -a bound = unbound
    # The usual case first: a file, and no settings.
    if test -n "$__ssoenv_file" -a ! -e $__ssoenv_config_folder
        set -g __ssoenv_probe $probe -a -O $f -a -f $f -a -r $f -a -s $f -a ! -e $__ssoenv_config_folder
        return
    end
    test -n "$__ssoenv_file"; and set -a probe -a -O $f -a -f $f -a -r $f -a -s $f
    if test ! -e $__ssoenv_config_folder -a "$__ssoenv_why" != settings
        set -a probe -a ! -e $__ssoenv_config_folder
    else
        __ssoenv_watch_settings
    end
    set -g __ssoenv_probe $probe
end
# The words of the test of whether the settings are as they were, and the file to be read for it.
function __ssoenv_watch_settings --no-scope-shadowing
    test -n "$__ssoenv_kind"; or __ssoenv_look_at_settings
    switch $__ssoenv_kind
        case n
            set -a probe -a ! -e $__ssoenv_config_folder
        case f
            set -a probe -a -f $__ssoenv_config -a -r $__ssoenv_config -a -s $__ssoenv_config
            set -g __ssoenv_settings_file $__ssoenv_config
        case z
            set -a probe -a -f $__ssoenv_config -a ! -s $__ssoenv_config
        case e
            set -a probe -a looked = anew
        case l
            set -a probe -a -L $__ssoenv_config -a ! -e $__ssoenv_config
        case '*'
            set -a probe -a ! -e $__ssoenv_config -a ! -L $__ssoenv_config
    end
end

# --- [segment] ----------------------------------------------------------------------------------
# The role for a prompt, in __ssoenv_segment, made only when something changed. ssoenv_prompt puts it
# in front of the prompt; `ssoenv_prompt plain` leaves out colours and signs.
# Unlike bash: a prompt is a function here, so the user's is wrapped; it sees the $status it would.
function ssoenv_prompt # [plain]
    set -g __ssoenv_style ascii
    set -l locale $LC_ALL $LC_CTYPE $LANG
    string match -qi '*utf*' -- "$locale[1]"; and test "$TERM" != linux; and set -g __ssoenv_style signs
    test "$argv[1]" = plain -o "$TERM" = dumb -o -n "$NO_COLOR"; and set -g __ssoenv_style plain
    set -g __ssoenv_pwd
    builtin functions -q __ssoenv_users_prompt; and return 0
    builtin functions -q fish_prompt; or function fish_prompt
        builtin echo -n '> '
    end
    builtin functions -c fish_prompt __ssoenv_users_prompt
    function fish_prompt
        set -l code $status
        builtin echo -n "$__ssoenv_segment"
        __ssoenv_return $code
        __ssoenv_users_prompt
    end
end
function __ssoenv_return # CODE
    return $argv[1]
end
function __ssoenv_draw --no-scope-shadowing
    set -l text $__ssoenv_label
    set -l kind $next
    set -l sign '○ '
    set -l colour brblack
    switch $next
        case blocked
            set sign '✗ '
            set colour red
            switch $__ssoenv_why
                case new
                    set text '.ssoenv.toml not trusted'
                case settings
                    set text 'settings broken'
                case never
                    set text '.ssoenv.toml ruled out'
                    __ssoenv_is_own; and set text "$__ssoenv_label ruled out"
                case agents
                    set text 'no role for agents'
                case '*'
                    set text '.ssoenv.toml '(string split ' ' -- $__ssoenv_why)[1]
            end
        case armed
            # Those of a protected role may be good, and wait for a yes.
            test -n "$__ssoenv_live_generation" -a "$__ssoenv_live_key" = "$__ssoenv_key"; and __ssoenv_may; and set -a text expired
        case live
            set sign '● '
            set colour green
            __ssoenv_tick
            set -l until $__ssoenv_deadline
            test -n "$__ssoenv_protect" -a "$__ssoenv_until" -lt "$until"; and set until $__ssoenv_until
            set -l left (builtin math $until - $__ssoenv_now)
            set -g __ssoenv_early 600
            if test $left -le 600
                set -a text (builtin math -s0 "($left + 59) / 60")m
                set colour yellow
                set -g __ssoenv_early (builtin math "floor(($left - 1) / 60) * 60")
            end
    end
    if test -n "$__ssoenv_protect" -a $next != blocked
        set sign '▲ '
        set kind !$next
        set colour brwhite --background=red
    end
    if test "$__ssoenv_style" != signs
        set -l ends '(' ')'
        switch $kind
            case !live
                set ends '(!' ')'
            case !armed
                set ends '(!' '?)'
            case armed
                set ends '(' '?)'
        end
        set text "$ends[1]$text$ends[2]"
    else
        set text "$sign$text"
    end
    test "$__ssoenv_style" = plain; or set text (builtin set_color $colour)"$text"(builtin set_color normal)
    set -g __ssoenv_segment "$text "
end

# --- [run] --------------------------------------------------------------------------------------
# What stands before a command that uses AWS: be sure of the role, or do not run it.
function __ssoenv_ready # COMMAND ARGUMENT...
    set -l fish_trace
    __ssoenv_unchanged; or __ssoenv_resync $PWD $PWD/.ssoenv.toml none
    switch $__ssoenv_state
        case blocked
            builtin contains -- "$__ssoenv_why" new foreign; and return 0
            test (status current-command) = fish; or __ssoenv_tell
            switch $__ssoenv_why
                case never agents
                    return 6
                case settings invalid
                    return 5
            end
            return 4
        case armed
            # A completion and a key binding never sign in: there fish itself is the current command.
            test (status current-command) = fish; and return 0
            test -n "$__ssoenv_hold"; or __ssoenv_waits; or return 0
            __ssoenv_ensure $argv
    end
end
# Have the program fetch credentials, and ask first where the role is protected. A yes is a file with
# the name that we made up: no exit code, and no word of the command, can be one. 9 says that the command
# needs no role: it asks for help, sets itself up, or names a profile. Where the program is not there any
# more, neither is what the managed profile runs, and nothing has a role.
function __ssoenv_ensure # COMMAND ARGUMENT...
    set -l token $fish_pid.(random).(random).(random)
    set -l of $__ssoenv_key
    set -l dir $__ssoenv_dir
    test -n "$dir"; or set dir /
    __ssoenv_program ensure $dir $__ssoenv_name $token $argv </dev/null >&2
    set -l code $status
    switch $code
        case 0
        case 9 126 127
            return 0
        case '*'
            return $code
    end
    if test -O $__ssoenv_root/answers/$token
        set -g __ssoenv_yes $__ssoenv_root/answers/$token
        read -g __ssoenv_until <$__ssoenv_yes
        set -g __ssoenv_allowed $of
    else if test -n "$__ssoenv_protect"; and not __ssoenv_may
        return 6
    end
    set -g __ssoenv_pwd
    __ssoenv_sync
end
# The AWS CLI's first word that is no option, nor the value of one, in the caller's `first`, and the next in
# `second`.
function __ssoenv_subcommand --no-scope-shadowing # COMMAND ARGUMENT...
    set -l value
    for a in $argv[2..-1]
        if test -n "$value"
            set value
            continue
        end
        switch $a
            case --region --output --query --color --endpoint-url --ca-bundle --profile --cli-read-timeout --cli-connect-timeout --cli-binary-format --cli-error-format
                set value 1
            case '-*'
            case '*'
                if test -n "$first"
                    set second $a
                    break
                end
                set first $a
        end
    end
end
# Whether the AWS CLI sets itself up: it writes into the section of the profile that is set, which must not
# be ours.
function __ssoenv_sets_up # COMMAND ARGUMENT...
    test -n "$__ssoenv_hold"; or __ssoenv_has_profile; or return
    set -l first
    set -l second
    __ssoenv_subcommand $argv
    builtin contains -- "$first" configure sso login logout; and test "$first:$second" != configure:export-credentials
end
function __ssoenv_run # COMMAND ARGUMENT...
    # The usual case first: a call costs more than this test.
    if test $argv[1] != aws -a -z "$__ssoenv_hold"; and not __ssoenv_has_any_profile
        command $argv
        return
    end
    if test $argv[1] = aws; and __ssoenv_sets_up $argv
        command env $__ssoenv_no_profile $argv
        return
    end
    # Another command on the line has no profile of ours; this one keeps it.
    if test -n "$__ssoenv_hold"; and __ssoenv_has_none; and builtin contains -- "$__ssoenv_state" armed live
        __ssoenv_with_profile $argv
        return
    end
    # A profile that is for this command alone does not run beside our keys.
    if test "$__ssoenv_state" = live -a "$__ssoenv_mode" = keys; and __ssoenv_has_any_profile
        command env $__ssoenv_no_keys $argv
        return
    end
    command $argv
end
# A coding agent moves between projects, and its commands with it: it is started without a key of ours. No sign-in, and
# where no role of ours is, as without this hook.
function __ssoenv_start # COMMAND ARGUMENT...
    __ssoenv_sync
    if test -n "$__ssoenv_withheld"; or builtin contains -- "$__ssoenv_state" armed live
        __ssoenv_hand_over $argv
    else
        command $argv
    end
end
# Whether it is this shell that has chosen what may not act, and no file. Then programs go on asking the managed
# profile, which says why there is no role: without it they would run as whoever is this machine's default.
function __ssoenv_is_own
    string match -q '@*' -- $__ssoenv_dir; and return
    test -n "$__ssoenv_choice" -a "$__ssoenv_choice_dir" = "$__ssoenv_dir" -a "$__ssoenv_choice" = "$__ssoenv_name"
end
# Say, once, what keeps a binding file, or what this shell has chosen, from acting. string escape: a path may hold
# anything.
function __ssoenv_tell
    set -l what
    set -l fix 'see what it does now, and trust it: ssoenv trust'
    set -l file $__ssoenv_dir/.ssoenv.toml
    set -l subject (string escape -- $file)
    # Of what is not ASCII it leaves all alone that has a width, or none: letters are shown.
    set subject (string replace -ra '[^\x00-\x7f\pL\pM\pN]' '?' -- $subject)
    if string match -q '@*' -- $__ssoenv_dir
        set file ''
        set subject 'the role chosen in this shell'
    end
    switch $__ssoenv_why
        case new
            set what 'is not trusted'
            set fix 'see what it asks for, and trust it: ssoenv trust'
        case foreign
            set what 'belongs to somebody else'
            set fix 'it does nothing here'
        case changed
            set what 'was changed since you trusted it'
            set fix "$fix (or not: ssoenv untrust)"
        case invalid
            set what 'is invalid'
            set fix 'see what is wrong: ssoenv status'
        case settings
            set what 'cannot act while your settings cannot be read'
            set fix 'see what is wrong: ssoenv status'
        case agents
            set what 'gives no role to coding agents: your settings say agents = "none"'
            set fix 'see: ssoenv status'
        case never
            set what "asks for what you have ruled out: $__ssoenv_refusal"
            set fix 'see: ssoenv status'
            if __ssoenv_is_own
                set subject 'the role chosen in this shell'
                set what "is ruled out: $__ssoenv_refusal"
                set fix 'go without it: ssoenv use --none'
            end
        case '*'
            set what "cannot act: $__ssoenv_why"
            set fix 'start a new shell without that'
    end
    builtin printf '%s\n' "ssoenv: $subject $what" "  $fix" >&2
    set -g __ssoenv_said "$__ssoenv_why:$file:$__ssoenv_seen"
    set -g __ssoenv_news
end

# --- [hooks] ------------------------------------------------------------------------------------
# Unlike bash: handlers are found by their events, and fish keeps $status around them.
function __ssoenv_prompt --on-event fish_prompt
    # A call costs as much as this test, which is all where no file applies; so does a `return`.
    test "$PWD $AWS_ACCESS_KEY_ID $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_REGION $AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT $AWS_CONFIG_FILE $HOME $SSOENV_LABEL" = "$__ssoenv_pwd $__ssoenv_vars" $__ssoenv_quick; or begin
        __ssoenv_unchanged; and test -z "$__ssoenv_news"; and return
        set -g __ssoenv_hold
        __ssoenv_resync $PWD $PWD/.ssoenv.toml none
        if test -n "$__ssoenv_gone"
            __ssoenv_uninstall
        else if test -n "$__ssoenv_news"
            __ssoenv_tell
        end
    end
end
function __ssoenv_chpwd --on-variable PWD
    test "$PWD" = "$__ssoenv_pwd"; and __ssoenv_sync; or __ssoenv_resync $PWD $PWD/.ssoenv.toml none
end
# Unlike bash: a line is looked at before it runs. What has become of the role since the prompt counts,
# however that came; a profile of the user's in the line does not run beside our keys; and what no
# wrapper sees (a path, command, env, sudo, xargs) is seen.
function __ssoenv_preexec --on-event fish_preexec # TYPED
    __ssoenv_sync
    __ssoenv_forget
    # For a line that has the AWS CLI set itself up, there is no profile of ours for it to write into: `aws`
    # and then, of its own words, such a one; quotes aside. The next prompt has it again.
    set -g __ssoenv_hold
    if string match -rq -- '(?s)(?:^|[^\w.-])aws[\'"]?(?:\s+-\S+(?:\s+[^-\s;|&]\S*)??)*\s+[\'"]?(?:(?:sso|login|logout)|configure(?![\'"]?\s+[\'"]?export-credentials))(?![\w-])' "$argv[1]"
        set -g __ssoenv_hold 1
        __ssoenv_set_aside
    end
    if test "$__ssoenv_state" = live -a "$__ssoenv_mode" = keys
        string match -rq 'AWS_(DEFAULT_)?PROFILE=|\bset\b[^;|&]*\sAWS_(DEFAULT_)?PROFILE\b' -- "$argv[1]"; and __ssoenv_yield
        return 0
    end
    test "$__ssoenv_state" = none; and return 0
    test -n "$__ssoenv_hidden"; or __ssoenv_pattern
    # What stands in quotes is not run.
    string replace -ra -- "'[^']*'|\"[^\"]*\"" Q "$argv[1]" | read -lz line
    set -l found (string match -r -- $__ssoenv_hidden "$line"); or return 0
    test -n "$__ssoenv_hold" -a "$found[2]" = aws; and return 0
    string match -rq -- '--help|--version|--profile' "$line"; and return 0
    # Here fish still has the terminal in its own mode, in which nobody could be asked; so first the
    # mode that the command will have anyway.
    test "$__ssoenv_state" = armed; and command stty icanon isig echo icrnl </dev/tty 2>/dev/null
    __ssoenv_ready_line $found[2] (string split -n ' ' -- $found[3])
end
# The look at a line is an event, where fish itself is the current command.
function __ssoenv_ready_line # COMMAND ARGUMENT...
    if test "$__ssoenv_state" = armed
        test -z "$__ssoenv_hold"; and not __ssoenv_waits; or __ssoenv_ensure $argv
    else if test "$__ssoenv_state" = blocked
        builtin contains -- "$__ssoenv_why" new foreign; or __ssoenv_tell
    end
end

# --- [command] ----------------------------------------------------------------------------------
# `use` changes this very shell; everything else is the program's.
function ssoenv
    set -l fish_trace
    # What stands behind `--` is a name.
    test "$argv[1..2]" = 'use --'; and not string match -q -- '-?*' "$argv[3]"; and set -e argv[2]
    if test "$argv[1]" = use; and begin
            test (builtin count $argv) -le 2; and string match -rq -- '^(|[^-].*|-|--none)$' "$argv[2]"
            or string match -rq -- '^(--session|--region|-s)' $argv[2..3]
        end
        if test (builtin count $argv) = 2
            __ssoenv_use $argv[2]
            set -l code $status
            test $code = 1; or return $code
        end
        # No program can change this shell: it finds out which is meant, or asks.
        set -l picked (__ssoenv_program use --answer $argv[2..-1]); or return
        if string match -q '@*' -- $picked
            __ssoenv_take (string sub -s 2 -- $picked)
        else
            __ssoenv_use $picked
            set -l code $status
            if test -n "$__ssoenv_agent" -a $code = 1
                builtin echo "ssoenv: coding agents have the profile $__ssoenv_name here, and no other" >&2
                set code 6
            end
            test $code = 0; or return $code
        end
        __ssoenv_sync
        return 0
    end
    # What the program is told of this shell has to be true, whatever changed directory before it.
    __ssoenv_sync
    # Whoever takes something back means a yes to a protected role, too.
    builtin contains -- "$argv[1]" logout untrust trust; and set -g __ssoenv_allowed
    SSOENV_HOOK=1 __ssoenv_program $argv
    set -l code $status
    set -g __ssoenv_pwd
    __ssoenv_sync
    return $code
end
function __ssoenv_take # [KEY]: of a role for wherever no project is, or none
    test -z "$__ssoenv_loose" -o "$__ssoenv_loose" = "$argv[1]"; or set -g __ssoenv_loosed $__ssoenv_loose
    set -g __ssoenv_loose $argv
    set -g __ssoenv_pwd
end
function __ssoenv_choose # [PROFILE]
    set -g __ssoenv_choice $argv
    set -g __ssoenv_pwd
    set -g __ssoenv_key
    __ssoenv_sync
end
function __ssoenv_use # NAME|-|--none: false if only the program can tell what it means
    set -l to $argv[1]
    __ssoenv_sync
    if builtin contains -- "$to" --none -; and test "$__ssoenv_state" = none; or string match -q '@*' -- "$__ssoenv_dir"
        switch "$to"
            case --none
                set to
            case -
                set to $__ssoenv_loosed
                test "$to" != "$__ssoenv_loose" -a -f "$__ssoenv_root/loose/$to/@fish"; or return 1
            case '*'
                return 1
        end
        __ssoenv_take $to
        __ssoenv_sync
        return 0
    end
    builtin contains -- "$__ssoenv_state" armed live; or test "$__ssoenv_why" = never; or return 1
    # The one before is that of this project; it may have been no choice.
    test "$to" = - -a "$__ssoenv_before[1]" = "$__ssoenv_dir"; and set -q __ssoenv_before[1]; and set to $__ssoenv_before[2]
    test "$to" = --none; and set to
    test -z "$to" -a -n "$argv[1]"; or string match -q -- "* $to *" "$__ssoenv_names"; or return 1
    set -l was
    test "$__ssoenv_choice_dir" = "$__ssoenv_dir"; and set was $__ssoenv_choice
    set -l name $__ssoenv_name
    set -g __ssoenv_choice_dir $__ssoenv_dir
    __ssoenv_choose $to
    if test "$__ssoenv_why" = never -a "$argv[1]" != --none
        # What the settings rule out is no choice: this shell stays with what it had.
        __ssoenv_tell
        __ssoenv_choose $was
        return 6
    end
    test "$name" = "$__ssoenv_name"; or set -g __ssoenv_before "$__ssoenv_dir" $was
    return 0
end

# --- [install] ----------------------------------------------------------------------------------
# A name that the user has made a function stays theirs.
function __ssoenv_define --argument-names c # NAME
    builtin functions -q $c; and return 0
    function $c --wraps $c --inherit-variable c
        __ssoenv_ready $c $argv; or return
        __ssoenv_run $c $argv
    end
    set -ga __ssoenv_defined $c
end
function __ssoenv_define_agent --argument-names c # NAME
    builtin functions -q $c; and return 0
    function $c --wraps $c --inherit-variable c
        __ssoenv_start $c $argv
    end
    set -ga __ssoenv_defined $c
end
# Whether a coding agent owns this shell, by what it has set for its commands. Its ancestors, which tell, too, are for
# the program to look at: it refuses what an agent may not have.
function __ssoenv_find_agent
    set -gu __ssoenv_agent ''
    set -gu __ssoenv_store $__ssoenv_root/roles
    for v in $__ssoenv_agent_marks
        if set -q $v; and not string match -rqi -- '^(0|false)?$' "$$v"
            set -g __ssoenv_agent agent-
            set -g __ssoenv_store $__ssoenv_root/agents/roles
        end
    end
end
function __ssoenv_install
    for c in $__ssoenv_agents
        __ssoenv_define_agent $c
    end
    for c in $__ssoenv_commands
        __ssoenv_define $c
    end
    set -gu __ssoenv_clock date
    builtin path mtime -R / >/dev/null 2>&1; and set -gu __ssoenv_clock path
end
# A script that reads config.fish has the program, and where keys of ours came along, what keeps them right.
function __ssoenv_install_in_script
    builtin functions -e ssoenv __ssoenv_prompt __ssoenv_chpwd __ssoenv_preexec
    function ssoenv_prompt
    end
    __ssoenv_settings
    __ssoenv_has_key; or return 0
    __ssoenv_reset
    __ssoenv_adopt
    __ssoenv_find_agent
    # A choice that a person made in the shell around is theirs here, too.
    set -g __ssoenv_choice $SSOENV_USE
    set -g __ssoenv_choice_dir $SSOENV_DIR
    test "$SSOENV_DIR" = /; and set -g __ssoenv_choice_dir ''
    function __ssoenv_moved --on-variable PWD
        __ssoenv_follow $PWD $PWD/.ssoenv.toml none
    end
    __ssoenv_follow $PWD $PWD/.ssoenv.toml none
end
# The pattern of a command that no wrapper sees; made when first needed, for the shell to start fast.
function __ssoenv_pattern
    set -l names (string escape --style=regex -- $__ssoenv_commands | string join '|')
    set -gu __ssoenv_hidden '(?:^|[;&|(\n]|\b(?:and|or|not|begin|if|while|time)\s)\s*(?:(?:[A-Za-z_]\w*=\S*|-\S+|\d+|command|exec|env|sudo|nohup|xargs|nice|timeout)\s+)*(?:(?<=\s)|(?:\S*/))(?:\S*/)?('$names')(?=[\s;&|)]|$)([^;&|)\n]*)'
end

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
function __ssoenv_uninstall
    set -l fish_trace
    __ssoenv_leave
    if functions -q __ssoenv_users_prompt
        builtin functions -e fish_prompt
        builtin functions -c __ssoenv_users_prompt fish_prompt
    end
    builtin functions -e $__ssoenv_defined ssoenv ssoenv_prompt
    for v in (set -ng | string match '__ssoenv_*')
        set -e -g $v
    end
    builtin functions -e (builtin functions -an | string match '__ssoenv_*')
end

if not status is-interactive
    __ssoenv_install_in_script
    return 0
end
if test "$__ssoenv_loaded" != "$fish_pid"
    set -gu __ssoenv_defined
    set -gu __ssoenv_renewed
    __ssoenv_settings
    __ssoenv_reset
    __ssoenv_adopt
end
set -gu __ssoenv_loaded $fish_pid
set -g __ssoenv_pwd
set -g __ssoenv_vars touched
set -g __ssoenv_kind
__ssoenv_settings
__ssoenv_find_agent
# This text may be older than the settings: then the program writes it anew, and it is read again.
if test -z "$__ssoenv_renewed"; and not __ssoenv_as_read @ok; and not __ssoenv_as_read @bad
    __ssoenv_program renew </dev/null >/dev/null 2>&1
    set -g __ssoenv_renewed 1
    test -O $__ssoenv_root/hook.fish -a -f $__ssoenv_root/hook.fish; and builtin source $__ssoenv_root/hook.fish
end
set -g __ssoenv_renewed
set -gu __ssoenv_hook $__ssoenv_root/hook.fish
test -f $__ssoenv_hook; or set -gu __ssoenv_hook
__ssoenv_install
