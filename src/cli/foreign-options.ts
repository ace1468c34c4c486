import { type Command, Help, type HelpConfiguration, type Option } from 'commander'

/** Options of variables and starts, which pools and workflows do not have. A pool's own `--timeout` is another limit. */
const foreignOptions = ['--prefix', '--shell', '--format', '--timeout']

/** Help that leaves foreign options out. */
export const withoutForeignOptions: HelpConfiguration = {
  showGlobalOptions: true,
  visibleGlobalOptions(this: Help, command: Command): Option[] {
    const all = Help.prototype.visibleGlobalOptions.call(this, command)
    return all.filter(({ long }) => !foreignOptions.includes(long ?? ''))
  },
}
