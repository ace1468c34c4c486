// A client that attaches to the running instance, and stays.
const { default: config } = await import(`${process.cwd()}/test-services.config.mjs`)
const client = config.services.db.create({ label: 'DB' })
console.error('begins')
await client.setUp({ useExisting: true })
console.error(`has ${client.serviceConfig.database}`)
setInterval(() => {}, 1_000)
