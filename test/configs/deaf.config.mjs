// A service that is ready at once, and ignores SIGTERM for far longer than any test.
import { command, defineConfig, ready } from 'test-services'

/** @param onSigterm code that runs at SIGTERM; @param line the output that shows that the service is ready */
export function mule({ onSigterm = '', line = 'up' } = {}) {
  const program = `process.on('SIGTERM', () => { ${onSigterm} }); setInterval(() => {}, 1000); console.log('up')`
  const stop = [{ signal: 'SIGTERM', graceMs: 60_000 }]
  return command({ command: [process.execPath, '-e', program], port: false, ready: ready.log(line), stop })
}

export default defineConfig({ services: { mule: mule() } })
