# ssoenv for fish 3.2 and newer: the role of the directory you are in, and nothing left behind.
# In ~/.config/fish/config.fish, at its end:  ssoenv hook fish | source
# Protocol 1. The three hooks have the same sections in the same order; `grep Unlike` lists what differs.
# Unlike bash: config.fish is read by scripts too.
status is-interactive; or return 0

# --- [settings] ---------------------------------------------------------------------------------
# The only place with words filled in by `ssoenv hook`.
function __ssoenv_settings
    set -g __ssoenv_root __SSOENV_STATE__
    set -g __ssoenv_commands __SSOENV_COMMANDS__
end
function __ssoenv_program
    command __SSOENV_EXE__ $argv
end

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
function __ssoenv_reset
    for v in why dir pwd seen applied puts kept plain vars stuck generation default names table \
        name key label managed region output mode protect live_generation live_key cache_file \
        choice choice_dir before news said probe file reply allowed segment style \
        checked hundreds window quick hidden loose bound trusted
        set -gu __ssoenv_$v
    end
    set -gu __ssoenv_state none
    set -gu __ssoenv_deadline 0
    set -gu __ssoenv_until 0
    set -gu __ssoenv_early 0
    set -gu __ssoenv_now 0
    for v in $__ssoenv_ours
        set -e -g __ssoenv_old_$v
    end
end
set -gu __ssoenv_secrets AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION
set -gu __ssoenv_ours $__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION \
    AWS_DEFAULT_OUTPUT AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
set -gu __ssoenv_many 11 # counting them would be a substitution
# What a parent shell or a tmux server exported is ours to take away; only names that we know.
function __ssoenv_adopt
    for v in $__ssoenv_ours
        string match -q -- "* $v *" " $SSOENV_VARS "; and set -ga __ssoenv_vars $v
    end
    __ssoenv_snapshot
    set -g __ssoenv_puts $__ssoenv_reply
    set -g __ssoenv_applied inherited
end
# Unlike bash: there is no clock, but a file whose time is a deadline tells how far it is away.
function __ssoenv_before_deadline # FILE DEADLINE
    if test -n "$__ssoenv_protect"
        __ssoenv_tick
        test "$__ssoenv_now" -lt "$argv[2]" -a "$__ssoenv_now" -lt "$__ssoenv_until"
    else if test "$__ssoenv_clock" = path
        if test "$__ssoenv_checked" = "$argv[1]"
            read -l up </proc/uptime
            string match -rq -- $__ssoenv_hundreds $up; and return
        end
        set -g __ssoenv_checked
        set -l left (path mtime -R -- $argv[1]); or return
        # Far from it, the next look may wait for as long as uptime has the same hundreds of seconds.
        if test "$left" -lt -1000
            read -l up </proc/uptime 2>/dev/null
            and string match -rq -- '^(?<hundreds>\d+)\d\d\.' $up
            and set -g __ssoenv_hundreds "^$hundreds\d\d\."
            and set -g __ssoenv_checked $argv[1]
            and test -n "$__ssoenv_window"
            and set -g __ssoenv_window $__ssoenv_hundreds
        end
        test "$left" -lt -$__ssoenv_early
    else
        test (command date +%s) -lt "$argv[2]"
    end
end
function __ssoenv_tick # the time, in __ssoenv_now: when any file was made, and how long ago that is
    if test "$__ssoenv_clock" = path
        set -l made (path mtime -- $__ssoenv_root)
        set -g __ssoenv_now (math $made + (path mtime -R -- $__ssoenv_root))
    else
        set -g __ssoenv_now (command date +%s)
    end
end

# --- [variables] --------------------------------------------------------------------------------
# All that tells whether somebody changed what we made, in __ssoenv_reply; no secret is in it.
function __ssoenv_snapshot
    set -g __ssoenv_reply "$AWS_ACCESS_KEY_ID|$AWS_PROFILE|$AWS_DEFAULT_PROFILE|$AWS_REGION|$AWS_DEFAULT_REGION|$AWS_DEFAULT_OUTPUT|$AWS_SSO_PROFILE|"
end
# Put the user's own values away, of the variables NAME..., so that leaving gives them back.
function __ssoenv_keep # NAME...
    for v in $argv
        set -q $v; or continue
        # Unlike bash: a universal variable stays where it is; a global one of ours hides it.
        if set -qg $v
            set -ga __ssoenv_kept $v
            set -gu __ssoenv_old_$v $$v
            set -qx $v; or set -ga __ssoenv_plain $v
            set -e -g $v
        end
        if set -qUx $v
            # fish exports a universal variable even where a global one hides it.
            set -g __ssoenv_stuck "$v is a universal, exported variable of fish"
        else if set -q $v
            set -gu $v
        end
    end
    return 0
end
# Take away what is ours and give back what the user had, unless they have changed it since.
function __ssoenv_clear
    __ssoenv_snapshot
    test "$__ssoenv_reply" = "$__ssoenv_puts"; or __ssoenv_disown
    set -e -g $__ssoenv_vars SSOENV_DIR SSOENV_LABEL SSOENV_VARS
    for v in $__ssoenv_kept
        set -l o __ssoenv_old_$v
        if contains -- $v $__ssoenv_vars
            if contains -- $v $__ssoenv_plain
                set -gu $v $$o
            else
                set -gx $v $$o
            end
        end
        set -e -g $o
    end
    set -g __ssoenv_vars
    set -g __ssoenv_kept
    set -g __ssoenv_plain
    set -g __ssoenv_puts
    set -g __ssoenv_applied
end
# Take the names of what the user has changed out of __ssoenv_vars: those stay as they are.
function __ssoenv_disown
    set -l then (string split '|' -- $__ssoenv_puts)
    set -l mine
    for v in AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_SSO_PROFILE
        if test "$$v" = "$then[1]"
            set -a mine $v
            test $v = AWS_ACCESS_KEY_ID; and set -a mine $__ssoenv_secrets AWS_WEB_IDENTITY_TOKEN_FILE
        end
        set -e then[1]
    end
    set -l vars $__ssoenv_vars
    set -g __ssoenv_vars
    for v in $vars
        contains -- $v $mine; and set -ga __ssoenv_vars $v
    end
    return 0
end

# --- [rendered] ---------------------------------------------------------------------------------
# The calls that the files of the state folder consist of.
function __ssoenv_binding # GENERATION DEFAULT NAMES PATHS
    set -g __ssoenv_generation $argv[1]
    set -g __ssoenv_default $argv[2]
    set -g __ssoenv_names $argv[3]
    set -g __ssoenv_table $argv[4]
    set -g __ssoenv_name $argv[2]
    test -z "$argv[4]$__ssoenv_choice"; or __ssoenv_select
end
function __ssoenv_profile # NAME KEY LABEL MANAGED REGION OUTPUT MODE PROTECT
    test "$argv[1]" = "$__ssoenv_name"; or return 0
    set -g __ssoenv_key $argv[2]
    set -g __ssoenv_label $argv[3]
    set -g __ssoenv_managed $argv[4]
    set -g __ssoenv_region $argv[5]
    set -g __ssoenv_output $argv[6]
    set -g __ssoenv_mode $argv[7]
    set -g __ssoenv_protect $argv[8]
end
# The AWS CLI's file is gone after a sign-out, and a newer one holds other credentials than these.
# Unlike bash: a function sees its caller's variables only when told so.
function __ssoenv_live --no-scope-shadowing # GENERATION DEADLINE CACHE-FILE KEY-ID SECRET TOKEN EXPIRATION
    set -g __ssoenv_live_generation $argv[1]
    set -g __ssoenv_live_key $__ssoenv_key
    set -g __ssoenv_deadline $argv[2]
    set -g __ssoenv_cache_file $argv[3]
    set -g __ssoenv_early 0
    test -f "$argv[3]" -a ! "$argv[3]" -nt $role/@fish; or return 0
    __ssoenv_before_deadline $role/@$argv[1] $argv[2]; or return 0
    set next live
    test "$__ssoenv_mode" = keys; or return 0
    set -gx AWS_ACCESS_KEY_ID $argv[4]
    set -gx AWS_SECRET_ACCESS_KEY $argv[5]
    set -gx AWS_SESSION_TOKEN $argv[6]
    set -gx AWS_CREDENTIAL_EXPIRATION $argv[7]
    set -gx AWS_SSO_PROFILE $__ssoenv_label
end

# --- [sync] -------------------------------------------------------------------------------------
# The decision of every prompt, cd and wrapper: builtins only, silent, always 0.
function __ssoenv_sync
    __ssoenv_unchanged; or __ssoenv_resync
    return 0
end
# The test of this very situation: a few stats and one small read. The stamps are named after
# generations, so that being there means being current.
# Unlike bash: `test` takes its words from a list, so nothing has to be compiled.
function __ssoenv_unchanged
    test "$PWD" = "$__ssoenv_pwd" $__ssoenv_probe; or return
    if test -n "$__ssoenv_file"
        read -lz reply <$__ssoenv_file
        test "$reply" = "$__ssoenv_seen"; or return
    end
    test -z "$__ssoenv_window"; and return
    if test "$__ssoenv_window" != look
        read -l up </proc/uptime
        string match -rq -- $__ssoenv_window $up; and return
    end
    __ssoenv_before_deadline $__ssoenv_root/roles/$__ssoenv_key/@$__ssoenv_live_generation \
        $__ssoenv_deadline
end
function __ssoenv_resync
    set -l p $PWD
    set -l f $p/.ssoenv.toml
    set -l next none
    set -l role
    set -l probe
    test "$p" = /; and set p ''; and set f /.ssoenv.toml
    while not test -f $f
        set -a probe -a ! -f $f
        if not string match -rq -- '(?s)^(?<p>.*)/[^/]*\z' $p
            set f
            break
        end
        set f $p/.ssoenv.toml
    end
    set -g __ssoenv_pwd $PWD
    set -g __ssoenv_why
    set -g __ssoenv_news
    set -g __ssoenv_file $f
    if test -z "$f" -a -n "$__ssoenv_loose" -a -r "$__ssoenv_root/loose/$__ssoenv_loose/@fish"
        set p @$__ssoenv_loose
        set -l trust $__ssoenv_root/loose/$__ssoenv_loose
        set next armed
        test "$__ssoenv_bound" = "$p" -a -f "$trust/@$__ssoenv_generation"; or set -g __ssoenv_generation
        set -g __ssoenv_bound $p
        set -g __ssoenv_dir $p
        set -g __ssoenv_seen
        __ssoenv_bind
        set -g __ssoenv_state $next
        test -z "$__ssoenv_style"; or __ssoenv_draw
        __ssoenv_compile
        return 0
    end
    if test -z "$f"
        test -z "$__ssoenv_applied"; or __ssoenv_clear
        set -g __ssoenv_state none
        set -g __ssoenv_dir
        set -g __ssoenv_seen
        set -g __ssoenv_segment
        set -g __ssoenv_window
        set -g __ssoenv_probe $probe
        set -g __ssoenv_quick $probe
        return 0
    end
    set -l trust $__ssoenv_root/trust$p
    test "$__ssoenv_bound" = "$p"; or set -g __ssoenv_generation
    set -g __ssoenv_seen
    test -r $f; and read -gz __ssoenv_seen <$f
    set next blocked
    # A stamp that is there says that what was read before is still current.
    if not test -O $f
        set -g __ssoenv_why foreign
    else if not test -f $trust/@toml
        set -g __ssoenv_why new
    else
        if not test -n "$__ssoenv_generation" -a -f "$trust/@$__ssoenv_generation"
            read -gz __ssoenv_trusted <$trust/@toml
            set -g __ssoenv_bound $p
            set -g __ssoenv_generation
        end
        if test -n "$__ssoenv_seen" -a "$__ssoenv_seen" = "$__ssoenv_trusted"
            set next armed
        else
            set -g __ssoenv_why changed
        end
    end
    set -g __ssoenv_dir $p
    test $next != armed; or __ssoenv_bind
    set -g __ssoenv_state $next
    if test $next = blocked
        test -z "$__ssoenv_applied"; or __ssoenv_clear
        test "$__ssoenv_said" = "$__ssoenv_why:$f:$__ssoenv_seen"; or set -g __ssoenv_news 1
        set -g __ssoenv_key
    end
    test -z "$__ssoenv_style"; or __ssoenv_draw
    __ssoenv_compile
end
# A trusted binding: choose its profile and make the variables, if they are not already so.
function __ssoenv_bind --no-scope-shadowing
    set -l wanted $__ssoenv_name
    test -z "$__ssoenv_generation" -o -z "$__ssoenv_table$__ssoenv_choice"; or __ssoenv_select
    if test -z "$__ssoenv_generation" -o -z "$__ssoenv_key" -o "$__ssoenv_name" != "$wanted"
        test -r $trust/@fish; and source $trust/@fish
        if test -z "$__ssoenv_generation"
            set next blocked
            set -g __ssoenv_why changed
            return
        end
    end
    set role $__ssoenv_root/roles/$__ssoenv_key
    set -g __ssoenv_early 0
    if test "$__ssoenv_applied" = "live:$p:$__ssoenv_generation:$__ssoenv_name" -a "$__ssoenv_live_key" = "$__ssoenv_key" \
            -a -f "$role/@$__ssoenv_live_generation" -a -f "$__ssoenv_cache_file" -a ! "$__ssoenv_cache_file" -nt $role/@fish
        and __ssoenv_before_deadline "$role/@$__ssoenv_live_generation" $__ssoenv_deadline
        set next live
    else
        __ssoenv_apply
    end
end
# Clear first, export second: whatever fails, nothing runs with the role of before.
function __ssoenv_apply --no-scope-shadowing
    test -z "$__ssoenv_applied"; or __ssoenv_clear
    # The status of set -q is how many of the names are not set.
    set -q $__ssoenv_ours
    if test $status -ne $__ssoenv_many
        __ssoenv_keep $__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
        test -z "$__ssoenv_region"; or __ssoenv_keep AWS_REGION AWS_DEFAULT_REGION
        test -z "$__ssoenv_output"; or __ssoenv_keep AWS_DEFAULT_OUTPUT
    end
    set -g __ssoenv_live_generation
    set -g __ssoenv_live_key
    set -g __ssoenv_vars $__ssoenv_secrets AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SSO_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
    if test -n "$__ssoenv_stuck"
        set -g __ssoenv_why $__ssoenv_stuck
        set -g __ssoenv_stuck
        set next blocked
        set -g __ssoenv_applied stuck
        set -g __ssoenv_vars $__ssoenv_kept
        return
    end
    test -r $role/@fish; and __ssoenv_may; and source $role/@fish
    test $next = live -a "$__ssoenv_mode" = keys; or set -gx AWS_PROFILE $__ssoenv_managed
    if test -n "$__ssoenv_region"
        set -ga __ssoenv_vars AWS_REGION AWS_DEFAULT_REGION
        set -gx AWS_REGION $__ssoenv_region
        set -gx AWS_DEFAULT_REGION $__ssoenv_region
    end
    if test -n "$__ssoenv_output"
        set -ga __ssoenv_vars AWS_DEFAULT_OUTPUT
        set -gx AWS_DEFAULT_OUTPUT $__ssoenv_output
    end
    set -g __ssoenv_applied $next:$p:$__ssoenv_generation:$__ssoenv_name
    set -gx SSOENV_DIR $__ssoenv_dir
    test -n "$__ssoenv_dir"; or set -gx SSOENV_DIR /
    set -gx SSOENV_LABEL $__ssoenv_label
    set -gx SSOENV_VARS "$__ssoenv_vars"
    __ssoenv_snapshot
    set -g __ssoenv_puts $__ssoenv_reply
end
# Whether the keys of the chosen profile may be in this shell: a protected one asks first.
function __ssoenv_may
    test -n "$__ssoenv_protect"; or return 0
    __ssoenv_tick
    test "$__ssoenv_allowed" = "$__ssoenv_key" -a "$__ssoenv_now" -lt "$__ssoenv_until"
end
# Which profile: the shell's own choice, else the nearest directory of [paths], else the default.
function __ssoenv_select
    set -g __ssoenv_name $__ssoenv_default
    if test -n "$__ssoenv_choice" -a "$__ssoenv_choice_dir" = "$__ssoenv_dir"
        and string match -q -- "* $__ssoenv_choice *" "$__ssoenv_names"
        set -g __ssoenv_name $__ssoenv_choice
        return
    end
    test -n "$__ssoenv_table"; or return 0
    set -l rows (string split \n -- $__ssoenv_table)
    set -l rel $PWD
    while test "$rel" != "$__ssoenv_dir" -a -n "$rel"
        # The rest of a row begins where the path and its tab end.
        for row in $rows
            set -l parts (string split -m 1 \t -- $row)
            if test "$__ssoenv_dir$parts[1]" = "$rel" -a -n "$parts[1]"
                set -g __ssoenv_name $parts[2]
                return
            end
        end
        string match -rq -- '(?s)^(?<rel>.*)/[^/]*\z' $rel; or return 0
    end
end
# Make the words of the test in __ssoenv_unchanged.
function __ssoenv_compile --no-scope-shadowing
    set -l why "$__ssoenv_why"
    test -z "$f"; and set why loose
    switch "$why"
        case loose
            set -a probe -a -f "$trust/@$__ssoenv_generation"
        case new foreign
            set -a probe -a -f $f -a -r $f -a ! -f $trust/@toml
        case changed
            set -a probe -a -O $f -a -f $f -a -r $f -a -f $trust/@toml
        case '*'
            set -a probe -a -O $f -a -f $f -a -r $f -a -f "$trust/@$__ssoenv_generation"
    end
    if test -n "$__ssoenv_key" -a -n "$__ssoenv_live_generation"
        set -a probe -a -f $role/@$__ssoenv_live_generation
    else if test -n "$__ssoenv_key" -a -z "$__ssoenv_protect"
        set -a probe -a ! -f $role/@fish
    end
    set -g __ssoenv_quick -a bound = unbound
    set -g __ssoenv_window
    if test $__ssoenv_state = live
        set -g __ssoenv_window look
        test "$__ssoenv_checked" = $role/@$__ssoenv_live_generation -a -z "$__ssoenv_protect"; and set -g __ssoenv_window $__ssoenv_hundreds
        set -a probe -a -f $__ssoenv_cache_file -a ! $__ssoenv_cache_file -nt $role/@fish
    end
    set -g __ssoenv_probe $probe
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
    functions -q __ssoenv_users_prompt; and return 0
    functions -q fish_prompt; or function fish_prompt
        echo -n '> '
    end
    functions -c fish_prompt __ssoenv_users_prompt
    function fish_prompt
        set -l code $status
        echo -n "$__ssoenv_segment"
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
    set -g __ssoenv_early 0
    switch $next
        case blocked
            set text '.ssoenv.toml not trusted'
            set sign '✗ '
            set colour red
            test "$__ssoenv_why" = new; or set text '.ssoenv.toml '(string split ' ' -- $__ssoenv_why)[1]
        case armed
            test -n "$__ssoenv_live_generation" -a "$__ssoenv_live_key" = "$__ssoenv_key"; and set -a text expired
        case live
            set sign '● '
            set colour green
            __ssoenv_tick
            set -l until $__ssoenv_deadline
            test -n "$__ssoenv_protect" -a "$__ssoenv_until" -lt "$until"; and set until $__ssoenv_until
            set -l left (math $until - $__ssoenv_now)
            set -g __ssoenv_early 600
            if test $left -le 600
                set -a text (math -s0 "($left + 59) / 60")m
                set colour yellow
                set -g __ssoenv_early (math "floor(($left - 1) / 60) * 60")
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
    test "$__ssoenv_style" = plain; or set text (set_color $colour)"$text"(set_color normal)
    set -g __ssoenv_segment "$text "
end

# --- [run] --------------------------------------------------------------------------------------
# What stands before a command that uses AWS: be sure of the role, or do not run it.
function __ssoenv_ready # COMMAND ARGUMENT...
    __ssoenv_sync
    switch $__ssoenv_state
        case blocked
            contains -- "$__ssoenv_why" new foreign; and return 0
            __ssoenv_tell
            return 4
        case armed
            __ssoenv_passes $argv; and return 0
            set -l dir $__ssoenv_dir
            test -n "$dir"; or set dir /
            __ssoenv_program ensure $dir $__ssoenv_name $argv[1] "$argv[2]" </dev/null >&2
            or return
            if test -n "$__ssoenv_protect"
                __ssoenv_tick
                set -g __ssoenv_allowed $__ssoenv_key
                set -g __ssoenv_until (math $__ssoenv_now + $__ssoenv_protect)
                set -g __ssoenv_pwd
            end
            __ssoenv_sync
    end
    return 0
end
# Whether a command needs no role of ours: it asks for help, sets itself up, or names a profile.
function __ssoenv_passes # COMMAND ARGUMENT...
    test "$AWS_PROFILE" = "$__ssoenv_managed"; or return 0
    set -l first
    for a in $argv[2..-1]
        switch $a
            case --help --version --profile '--profile=*'
                return 0
            case --
                break
            case '-*'
            case '*'
                test -n "$first"; or set first $a
        end
    end
    switch "$argv[1]:$first"
        case '*:help' '*:version' '*:completion' aws:configure aws:sso aws:login aws:logout
            return 0
        case terraform:fmt terraform:validate tofu:fmt tofu:validate
            return 0
    end
    test -z "$first" -a (count $argv) -gt 1; and contains -- $argv[2] -h -v
end
# A command that was given a profile of its own, in front of it, must not run with our keys.
function __ssoenv_run # COMMAND ARGUMENT...
    if test "$__ssoenv_state" = live -a "$__ssoenv_mode" = keys -a -n "$AWS_PROFILE"
        command env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN $argv
    else
        command $argv
    end
end
# Say, once, what keeps a binding file from acting. A path may hold anything: it is escaped.
function __ssoenv_tell
    set -l what
    set -l mend 'see what it does now, and trust it: ssoenv trust'
    switch $__ssoenv_why
        case new
            set what 'is not trusted'
            set mend 'see what it asks for, and trust it: ssoenv trust'
        case foreign
            set what 'belongs to somebody else'
            set mend 'it does nothing here'
        case changed
            set what 'was changed since you trusted it'
            set mend "$mend (to go without: ssoenv untrust)"
        case '*'
            set what "cannot act: $__ssoenv_why"
            set mend 'start a new shell without that'
    end
    echo "ssoenv: "(string escape -- $__ssoenv_dir/.ssoenv.toml)" $what; $mend" >&2
    set -g __ssoenv_said "$__ssoenv_why:$__ssoenv_dir/.ssoenv.toml:$__ssoenv_seen"
    set -g __ssoenv_news
end

# --- [hooks] ------------------------------------------------------------------------------------
# Unlike bash: handlers are found by their events, and fish keeps $status around them.
function __ssoenv_prompt --on-event fish_prompt
    # A call costs as much as this test, which is all where no file applies.
    test "$PWD" = "$__ssoenv_pwd" $__ssoenv_quick; and return
    __ssoenv_unchanged; and test -z "$__ssoenv_news"; and return
    __ssoenv_resync
    test -z "$__ssoenv_news"; or __ssoenv_tell
end
function __ssoenv_chpwd --on-variable PWD
    test "$PWD" = "$__ssoenv_pwd"; and __ssoenv_sync; or __ssoenv_resync
end
# Unlike bash: what no wrapper sees (a path, command, env, sudo, xargs) is seen before it runs.
function __ssoenv_preexec --on-event fish_preexec # TYPED
    contains -- "$__ssoenv_state" armed blocked; or return 0
    test -n "$__ssoenv_hidden"; or __ssoenv_pattern
    # What stands in quotes is not run.
    string replace -ra -- "'[^']*'|\"[^\"]*\"" Q "$argv[1]" | read -lz line
    set -l found (string match -r -- $__ssoenv_hidden "$line"); or return 0
    string match -rq -- '--help|--version|--profile' "$line"; and return 0
    # Here fish still has the terminal in its own mode, in which nobody could be asked; so first the
    # mode that the command will have anyway.
    test "$__ssoenv_state" = armed; and command stty icanon isig echo icrnl </dev/tty 2>/dev/null
    __ssoenv_ready $found[2]
end

# --- [command] ----------------------------------------------------------------------------------
# `use` changes this very shell; everything else is the program's.
function ssoenv
    if test "$argv[1]" = use -a (count $argv) -le 2; and string match -rq -- '^(|[^-].*|-|--none)$' "$argv[2]"
        set -q argv[2]; and __ssoenv_use $argv[2]; and return 0
        # No program can change this shell: it finds out which is meant, or asks.
        set -l picked (__ssoenv_program use $argv[2] --answer); or return
        if string match -q '@*' -- $picked
            set -g __ssoenv_loose (string sub -s 2 -- $picked)
            set -g __ssoenv_pwd
        else
            __ssoenv_use $picked
        end
        __ssoenv_sync
        return 0
    end
    SSOENV_HOOK=1 __ssoenv_program $argv
    set -l code $status
    set -g __ssoenv_pwd
    __ssoenv_sync
    return $code
end
function __ssoenv_use # NAME|-|--none: false if only the program can tell what it means
    set -l to $argv[1]
    __ssoenv_sync
    if test "$to" = --none; and test "$__ssoenv_state" = none; or string match -q '@*' -- "$__ssoenv_dir"
        test "$to" = --none; or return 1
        set -g __ssoenv_loose
        set -g __ssoenv_pwd
        __ssoenv_sync
        return 0
    end
    contains -- "$__ssoenv_state" armed live; or return 1
    test "$to" != -; or set to "$__ssoenv_before"
    if test "$argv[1]" = --none
        set to
    else
        test -n "$to"; and string match -q -- "* $to *" "$__ssoenv_names"; or return 1
    end
    set -g __ssoenv_before $__ssoenv_name
    set -g __ssoenv_choice $to
    set -g __ssoenv_choice_dir $__ssoenv_dir
    set -g __ssoenv_pwd
    __ssoenv_sync
end

# --- [install] ----------------------------------------------------------------------------------
# A name that the user has made a function stays theirs.
function __ssoenv_define # NAME
    functions -q $argv[1]; and return 0
    set -l c $argv[1]
    function $c --wraps $c --inherit-variable c
        # A completion and a key binding never sign in: there fish itself is the current command.
        if test (status current-command) != fish
            __ssoenv_ready $c $argv; or return
        end
        __ssoenv_run $c $argv
    end
    set -ga __ssoenv_defined $c
end
function __ssoenv_install
    __ssoenv_settings
    for c in $__ssoenv_commands
        __ssoenv_define $c
    end
    set -gu __ssoenv_clock date
    path mtime -R / >/dev/null 2>&1; and set -gu __ssoenv_clock path
end
# The pattern of a command that no wrapper sees; made when first needed, for the shell to start fast.
function __ssoenv_pattern
    set -l names (string escape --style=regex -- $__ssoenv_commands | string join '|')
    set -gu __ssoenv_hidden '(?:^|[;&|(\n]|\b(?:and|or|not|begin|if|while|time)\s)\s*(?:(?:[A-Za-z_]\w*=\S*|-\S+|\d+|command|exec|env|sudo|nohup|xargs|nice|timeout)\s+)*(?:(?<=\s)|(?:\S*/))(?:\S*/)?('$names')(?=[\s;&|)]|$)'
end

# --- [uninstall] --------------------------------------------------------------------------------
# Take everything away again, as if it had never been loaded.
function __ssoenv_uninstall
    test -z "$__ssoenv_applied"; or __ssoenv_clear
    if functions -q __ssoenv_users_prompt
        functions -e fish_prompt
        functions -c __ssoenv_users_prompt fish_prompt
    end
    functions -e $__ssoenv_defined ssoenv ssoenv_prompt
    for v in (set -ng | string match '__ssoenv_*')
        set -e -g $v
    end
    functions -e (functions -an | string match '__ssoenv_*')
end

if test "$__ssoenv_loaded" != "$fish_pid"; or set -qx __ssoenv_loaded
    set -gu __ssoenv_defined
    __ssoenv_reset
    __ssoenv_adopt
end
set -gu __ssoenv_loaded $fish_pid
set -g __ssoenv_pwd
__ssoenv_install
