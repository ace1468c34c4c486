/** The end of `--help`. */
export const examples = `
Examples:
  eval "$(test-services --daemonise)"        Postgres (or your config) in this shell's variables
  psql "$LP_POSTGRES_URL"                    use it
  eval "$(test-services --stop)"             gone, and the variables too
  test-services exec postgres -- npm test    a Postgres of its own for one command
  test-services                              in the foreground, until Ctrl-C
  LP_CONFIG=development test-services        the configured instance of a profile

Exit codes:
  0 done   1 failed   2 wrong usage   3 nothing is running (status, env, logs, reset)
  exec: the command's own; 125 the services could not be brought up; 126, 127 as shells use them`
