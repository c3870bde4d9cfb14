#!/bin/sh
# The supervisor of one task. It is started so that it leads its own session and process group and
# outlives the agent. Everything it has to say is said in files of the task's record folder:
#
#   claim    written here first: who runs the task. Exactly one process can create it.
#   status   written here last: how the command ended.
#
# usage: task.sh RECORD_FOLDER OUTPUT_LOG      (POSIX sh; also needs ln, rm, mv, date)

cd "$1" || exit 71
log=$2
exec < /dev/null > /dev/null 2> supervisor.log

# A signal to the group is meant for the command. These are caught, not ignored: a child starts with the
# default action of a caught signal, but an ignored one would stay ignored in the command.
trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE

# The time in nanoseconds, in $at. A signal to the group can kill date before it has answered; the loop is
# in this shell, where the signal is caught, and not in a substitution, where it is not.
stamp() {
    until at=$(date +%s%N) && [ -n "$at" ]; do :; done
}

# Field 22 of /proc/PID/stat, the start time, tells this process from a later one with the same number.
# The name in field 2 may hold spaces and parentheses, so the fields are counted after the last ")".
identity() {
    read -r stat < "/proc/$$/stat"
    set -- ${stat##*) }
    shift 19
    read -r boot < /proc/sys/kernel/random/boot_id
    stamp
    echo "supervisor $$ $1 $boot $at"
}

# link(2) fails when the name exists, and the name appears with its content: there is no moment at which
# the task is claimed but nobody can tell by whom. (-C: a leftover of the same name may be linked to the claim.)
set -C
identity > "claim.$$" && set +C && ln "claim.$$" claim || exit 0
rm -f "claim.$$"

# The parentheses matter: exec replaces the subshell, and a command called "exit" is looked up as a program.
# A stop that was asked for before the command exists finds no process to signal, so it is honoured here.
( [ ! -e stop ] || exit 143; . ./launch.sh ) >> "$log" 2>&1
code=$?
stamp

# A full disk must not cost the exit code: keep trying for as long as there is a record to write to.
until { echo "exited $code $at" && times; } > "status.$$" && mv "status.$$" status; do
    [ -e claim ] || break
    sleep 1
done

# Whatever the command left running in the group ends with it, this shell included.
kill -KILL 0
