#!/bin/sh
# The dead man's handle of a remote agent: when the agent's lease on its tasks runs out, because the agent died
# or cannot reach its server, this process kills them. The server waits longer than a lease before it gives the
# tasks to another node, so nothing runs twice. One guard serves a data folder; it ends when no task is left.
#
# usage: guard.sh DATA_FOLDER SECONDS_BETWEEN_LOOKS      (POSIX sh; also needs ln, rm, mv, date, sleep, grep -z)
#
#   lease    "DEADLINE BOOT_ID", the deadline in hundredths of a second of /proc/uptime, which no clock
#            adjustment moves and which counts time spent suspended
#   guard    "PID STARTTIME BOOT_ID" of the guard on duty

cd "$1" || exit 71
data=$1 interval=$2
exec < /dev/null > /dev/null 2> guard.log
trap '' HUP INT QUIT TERM
read -r thisboot < /proc/sys/kernel/random/boot_id

start_time() { # of process $1; fails when there is none
    { read -r stat < "/proc/$1/stat"; } 2> /dev/null || return 1
    set -- ${stat##*) }
    shift 19
    echo "$1"
}

register() {
    echo "$$ $(start_time $$) $thisboot" > "guard.$$" && mv "guard.$$" guard
}

expired() {
    deadline= boot=
    { read -r deadline boot < lease; } 2> /dev/null
    [ "$boot" = "$thisboot" ] || return 0
    read -r uptime _ < /proc/uptime
    [ "${uptime%.*}${uptime#*.}" -ge "$deadline" ]
}

publish() { # file $1 with text $2, unless it is there already
    rm -f "$1.$$"
    echo "$2" > "$1.$$"
    ln "$1.$$" "$1" 2> /dev/null
    published=$?
    rm -f "$1.$$"
    return $published
}

fence() { # the task with the record folder $1
    # A task that nobody has claimed yet is claimed here, so that its supervisor can no longer start it.
    publish "$1/claim" "agent fenced $(date +%s%N)" && return
    read -r who pid start boot _ < "$1/claim"
    [ "$who" = supervisor ] || return
    # The intent comes first: whoever finds the supervisor dead without a status learns why.
    echo fenced > "$1/kill.$$" && mv "$1/kill.$$" "$1/kill"
    if [ "$boot" = "$thisboot" ]; then
        # A process number stays taken while its group has members. If it now belongs to a process with another
        # start time, the group is gone and the number means somebody else.
        now=$(start_time "$pid") || now=$start
        [ "$now" = "$start" ] && kill -s KILL -- "-$pid"
    fi
    # Descendants that left the group still carry the record's name in their environment.
    for environ in $(grep -lszxF "GIGAWATT_TASK_FOLDER=$data/$1" /proc/[0-9]*/environ); do
        pid=${environ#/proc/}
        kill -KILL "${pid%/environ}"
    done
    publish "$1/status" "fenced $(date +%s%N)"
}

pass() { # looks at every task once; succeeds when one of them has not ended
    live=1
    for folder in tasks/*; do
        [ -d "$folder" ] && [ ! -e "$folder/status" ] || continue
        who=
        { read -r who _ < "$folder/claim"; } 2> /dev/null
        [ "$who" = agent ] && continue
        live=0
        expired && fence "$folder"
    done
    return $live
}

register
while [ -d tasks ]; do
    holder=
    { read -r holder _ < guard; } 2> /dev/null
    [ -n "$holder" ] || { register; holder=$$; }
    [ "$holder" = $$ ] || exit 0
    if ! pass; then
        # The agent creates a record and then looks for a guard; the guard goes off duty and then looks for
        # records. Whatever the order, at least one of them sees the other.
        rm -f guard
        pass || exit 0
        register
    fi
    sleep "$interval"
done
