// Starts a fixture, checks it, attaches to it, and resets it; prints the error of each step, or "done":
// takes-steps.mjs FIXTURE OPTIONS
const [fixture, options] = process.argv.slice(2)
const { [fixture]: define } = await import(`test-services/fixtures/${fixture}`)
const { seeds, ...given } = JSON.parse(options)
const definition = define({ ...given, ...(seeds && { template: { seed() {} } }) })
const result = {}

async function attempt(step, work) {
  result[step] = await work().then(
    () => 'done',
    ({ code, message }) => `${code}: ${message}`,
  )
}

const server = definition.create({ label: 'SERVER' })
await attempt('start', () => server.setUp())
if (result.start === 'done') {
  await attempt('check', () => server.check())
  const tenant = definition.create({ label: 'SERVER', environment: server.variables })
  await attempt('attach', () => tenant.setUp({ useExisting: true }))
  await tenant.cleanUp()
  await attempt('reset', () => server.reset())
}
await server.cleanUp()
console.log(JSON.stringify(result))
