import { readFileSync } from 'node:fs'
import { setInterval } from '../../kernel/clock.ts'

/** Part of every settings file of a server program. */
export interface HeldBy {
  /** Pid of the process that has started the program. */
  readonly holder: number
}

/** How long a server program may outlive its holder, if the guardian was killed as well. */
const holderCheckMs = 500

/** Path of the settings of this server program: its first argument. */
export function settingsFile(): string {
  return process.argv[2] ?? ''
}

/** Reads the settings of this server program, and ends the program when its holder has ended. */
export function readServerSettings<Settings>(): Settings {
  const { holder, ...settings }: HeldBy = JSON.parse(readFileSync(settingsFile(), 'utf8'))
  setInterval(() => {
    if (process.ppid === holder) return
    console.log('the process that holds this server has ended')
    process.exit()
  }, holderCheckMs).unref()
  return settings as Settings
}
