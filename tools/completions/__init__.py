"""The completions of the three shells, written from the commands as they are: ``make completions``.

`commands` says what there is to complete; `bash`, `zsh` and `fish` write it for one shell each,
into the frame that stands beside them: what of a completion is the same whatever the commands are.

Names come from where they are already: profiles from the hook's own variable, sessions from the
AWS config, accounts and roles from the last list in the state folder, read by the shell. So a
completion starts nothing, signs nobody in, and never looks at a binding file.
"""
