import { ownCommand } from '../kernel/own-command.ts'

const command = ownCommand()

const lines = [
  [`eval "$(${command} --daemonise)"`, "Postgres (or your config) in this shell's variables"],
  ['psql "$LP_POSTGRES_URL"', 'use it'],
  [`eval "$(${command} --stop)"`, 'gone, and the variables too'],
  [`${command} exec postgres -- npm test`, 'a Postgres of its own for one command'],
  [command, 'in the foreground, until Ctrl-C'],
  [`LP_CONFIG=development ${command}`, 'the configured instance of a profile'],
] as const

const width = Math.max(...lines.map(([call]) => call.length))

/** The end of `--help`. */
export const examples = `
Examples:
${lines.map(([call, effect]) => `  ${call.padEnd(width)}    ${effect}`).join('\n')}

Exit codes:
  0 done   1 failed   2 wrong usage   3 nothing is running (status, env, logs, reset)
  pool: 1 tests failed; 4 tests could not be run
  workflow: 1 a step failed; 4 a machine or a service could not be had
  exec: the command's own; 125 the services could not be brought up; 126, 127 as shells use them`
