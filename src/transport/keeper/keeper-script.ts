/**
 * The keeper: a process on the far side of a connection. The keeper ends all processes left by commands. Standard input
 * has lines from the caller, and from the commands, through `/proc/<keeper>/fd/4`.
 *
 * | line | from | meaning |
 * |---|---|---|
 * | `beat` | caller | the caller lives: four a second; answered by `alive` |
 * | `start ID PID` | command | PID leads the processes of command ID |
 * | `refuse ID WHAT` | command | the command cannot begin; relayed as `refused ID WHAT` |
 * | `term ID` | caller | SIGTERM to the processes of the command |
 * | `end ID` | caller | SIGKILL to the processes of the command, until none is left; answered by `ended ID [PID…]` |
 * | `tick` | timer | time to look at the age of the last beat |
 * | `gone` | reader | the caller's end of the input is closed |
 *
 * After `gone`, or 3.25 s without a beat, the keeper kills the processes of all commands, and ends. The input of a cut
 * connection stays open, and sshd's own `ClientAliveInterval` cannot be relied on. The keeper also ends the process of
 * sshd for the connection: forwarded ports are free for the next connection.
 *
 * The processes of a command are the session and the group of its leader, and all processes with its mark in the
 * environment. The kernel tells the youngest pid in `/proc/loadavg`: the keeper looks only at processes younger than
 * the leader.
 *
 * Each command ends with a look for processes; without processes left, the look makes no process. The script needs
 * `sh`, coreutils and `/proc` alone; `grep` makes the script faster.
 */

/** Name of the variable that marks the processes of a command: `<transport>.<connection>.<command>.`. */
export const markVariable = 'TEST_SERVICES_REMOTE'

/** A longer range of pids costs more time than a list of all processes. */
const longestSpan = 2_000

const functions = [
  // A shell drops NUL: a whole variable is recognised only by the second look.
  `marked() {
    while IFS= read -r line || [ "$line" ]; do
      case $line in *"$mark"*) tr "\\000" "\\n" < /proc/$1/environ | is_mark; return ;; esac;
    done < /proc/$1/environ;
    return 1;
  };`,
  `is_mark() {
    while IFS= read -r line; do
      case $line in "$mark" | "$mark"[0-9]*.) return 0 ;; esac;
    done;
    return 1;
  };`,
  `member() {
    IFS= read -r stat < /proc/$1/stat || return 1;
    set -- $1 \${stat##*) };
    case $2 in Z | X) return 1 ;; esac;
    case " $leaders " in *" $4 "* | *" $5 "*) return 0 ;; esac;
    marked $1;
  };`,
  // Sets `found` to the members, and `last` to the youngest pid. A pid below `first` comes after the numbers began anew.
  `look() {
    found=; environs=; stats=; count=0;
    read -r a b c d last < /proc/loadavg;
    span=$((last - first));
    if [ $span -ge 0 ] && [ $span -le ${longestSpan} ]; then
      pid=$first;
      while [ $pid -le $last ]; do
        if [ -e /proc/$pid/stat ]; then consider $pid; fi;
        pid=$((pid + 1));
      done;
    else
      for entry in /proc/[0-9]*; do consider \${entry#/proc/}; done;
    fi;
    for entry in $(candidates); do
      pid=\${entry#/proc/}; pid=\${pid%%/*};
      if member $pid; then found="$found $pid"; fi;
    done;
  };`,
  `consider() {
    environs="$environs /proc/$1/environ"; stats="$stats /proc/$1/stat"; count=$((count + 1));
  };`,
  // Reading many files byte by byte, like a shell, is slower than a further process.
  `candidates() {
    if [ $count -gt 3 ] && [ "$has_grep" ]; then
      grep -lsF -e "$mark" $environs;
      numbers=none;
      for entry in $leaders; do numbers="$numbers|$entry"; done;
      grep -lsE -e "[)] [A-Z] [0-9]+ ([0-9]+ )?($numbers) " $stats;
    else
      echo $environs;
    fi;
  };`,
  // Ends when there was no process to look at and none was made meanwhile, or after two looks without a member: during
  // `exec`, a process has no environment for a moment.
  `kill_all() {
    looks=0; empty=0;
    while [ $empty -lt 2 ] && [ $looks -lt 100 ]; do
      look;
      looks=$((looks + 1));
      if [ "$found" ]; then
        empty=0;
        kill -s KILL $found;
        if [ $looks -gt 5 ]; then sleep 0.02 || sleep 1; fi;
      else
        empty=$((empty + 1));
        read -r a b c d youngest < /proc/loadavg;
        if [ $count = 0 ] && [ "$youngest" = "$last" ]; then break; fi;
      fi;
    done;
  };`,
  `choose() {
    leaders=; first=$me; mark="$variable=$connection.$1.";
    case $jobs in *" $1:"*) leaders=\${jobs#* $1:}; leaders=\${leaders%% *}; first=$leaders ;; esac;
  };`,
  `forget() {
    case $jobs in *" $1:"*) rest=\${jobs#* $1:}; jobs="\${jobs%% $1:*} \${rest#* }" ;; esac;
  };`,
  // Sets `now` to hundredths of a second, without a further process.
  `clock() { read -r now rest < /proc/uptime; now=\${now%.*}\${now#*.}; };`,
  `arm() {
    if [ "$timer" ]; then wait $timer; fi;
    hundredths=0$(($1 % 100));
    { sleep $(($1 / 100)).\${hundredths#\${hundredths%??}} || sleep 1; echo tick; } >&4 &
    timer=$!;
  };`,
]

/** In hundredths of a second: how old the last beat may be, and how long the keeper waits for a late beat. */
const beatLimit = 275
const lateLimit = 50

/** Time for a shell about to become a command when the keeper closed its input. */
const lastLookS = 0.2

const main = `main() {
  read -r me rest < /proc/self/stat;
  exec 4> /proc/self/fd/0;
  jobs=" "; timer=; late=0; has_grep=$(command -v grep);
  if [ "$swept" ]; then leaders=; first=1; mark="$variable=$swept."; kill_all; fi;
  clock; seen=$now; arm ${beatLimit};
  echo "ready $me";
  while read -r word id detail; do
    case $word in
      beat) clock; seen=$now; echo alive ;;
      start) jobs="$jobs$id:$detail " ;;
      refuse) echo "refused $id $detail" ;;
      term) choose $id; look; kill -s TERM $found; kill -s CONT $found ;;
      end) choose $id; kill_all; forget $id; echo "ended $id$found" ;;
      tick)
        clock; age=$((now - seen));
        if [ $age -lt ${beatLimit} ]; then late=0; arm $((${beatLimit} - age));
        elif [ $late = 0 ]; then late=1; arm ${lateLimit};
        else echo last >&4; fi ;;
      gone) echo last >&4 ;;
      last) break ;;
    esac;
  done;
  exec < /dev/null 4>&-;
  leaders=; for job in $jobs; do leaders="$leaders \${job#*:}"; done;
  first=$me; mark="$variable=$connection."; kill_all;
  sleep ${lastLookS} || sleep 1;
  kill_all;
  read -r a b c parent rest < /proc/$$/stat;
  if [ "$parent" = "$PPID" ]; then
    read -r name < /proc/$parent/comm;
    case $name in sshd* | dropbear*) kill -s TERM $parent ;; esac;
  fi;
  read -r a b c d group rest < /proc/self/stat;
  if [ "$group" = $$ ]; then kill -s KILL 0; fi;
};`

/** The first shell leads the group of the keeper, its reader and its timer, unless put into a different group. */
const start = `
  exec 2> /dev/null;
  trap "" HUP INT QUIT TERM PIPE USR1 USR2;
  { cat; echo gone; } | main`

export interface KeeperNames {
  /** `<transport>.<connection>`, the beginning of the marks of the connection. */
  readonly connection: string
  /** Beginning of the marks of earlier connections, whose processes are killed first. */
  readonly swept?: string | undefined
}

/** Returns the script of a keeper, as one line. */
export function keeperScript({ connection, swept = '' }: KeeperNames): string {
  const names = `variable=${markVariable}; connection=${connection}; swept=${swept};`
  return [names, ...functions, main, start].join(' ').replaceAll(/\s+/g, ' ').trim()
}
