import { readProcFile } from './proc-file.ts'

/** @see capabilities(7), include/uapi/linux/capability.h */
const capSysPtrace = 1n << 19n

/**
 * Tells whether this process can read which files and sockets the processes of other users have open. Root in a
 * container usually cannot: container engines take this capability away.
 *
 * @see proc_pid_fd(5), proc_pid_status(5) `CapEff`
 */
export function canInspectOthers(): boolean {
  const [, mask] = /^CapEff:\t([0-9a-f]+)$/m.exec(readProcFile('/proc/self/status') ?? '') ?? []
  return mask !== undefined && (BigInt(`0x${mask}`) & capSysPtrace) !== 0n
}
