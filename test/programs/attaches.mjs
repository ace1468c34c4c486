// Attaches to the running instance that the variables name, prints the config, and stays:
// attaches.mjs FIXTURE [MODULE]
const [fixture, module = `test-services/fixtures/${fixture}`] = process.argv.slice(2)
const { [fixture]: define } = await import(module)
const client = define().create({ label: fixture.toUpperCase() })
await client.setUp({ useExisting: true })
console.log(JSON.stringify(client.serviceConfig))
setInterval(() => {}, 60_000)
