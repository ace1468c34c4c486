import { ssh } from '../../src/transport/ssh.ts'

/** Runs a command over ssh: `runs-over-ssh OPTIONS ARGV`, both in JSON. Its output goes to standard output. */
const [options = '', argv = ''] = process.argv.slice(2)
await using transport = ssh(JSON.parse(options))
await transport.run(JSON.parse(argv), { onOutput: (chunk) => void process.stdout.write(chunk) })
