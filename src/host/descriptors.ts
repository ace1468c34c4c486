import { closeSync, readdirSync, readFileSync } from 'node:fs'
import { valueUnless } from '../kernel/value-unless.ts'

const closeOnExec = 0o2000000

/**
 * Closes descriptors that a careless caller leaked into this process: a leaked descriptor may be the pipe of a `$(…)`,
 * which then never ends. Node marks its own descriptors as close-on-exec, so a descriptor without that flag was
 * inherited. Linux only: elsewhere the flags of a descriptor cannot be read.
 *
 * @param keep descriptors that were handed down on purpose
 * @see proc_pid_fdinfo(5)
 */
export function closeInheritedDescriptors(keep: readonly number[]): void {
  if (process.platform !== 'linux') return
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name)
    if (descriptor > 2 && !keep.includes(descriptor) && wasInherited(descriptor)) closeSync(descriptor)
  }
}

function wasInherited(descriptor: number): boolean {
  // The descriptor that read the directory is closed by now.
  const text = valueUnless(['ENOENT'], () => readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? ''
  const flags = /^flags:\s*(\d+)/m.exec(text)?.[1]
  return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0
}
