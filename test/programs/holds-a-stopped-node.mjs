// Starts a cluster, stops one of its nodes, and stays: holds-a-stopped-node.mjs FIXTURE FUNCTION TIMEOUT-MS
const [fixture, name, timeoutMs] = process.argv.slice(2)
const { [name]: define } = await import(`test-services/fixtures/${fixture}`)
const cluster = define().create({ label: 'CLUSTER' })
await cluster.setUp({ timeoutMs: Number(timeoutMs) })
await cluster.stopNode(1)
console.error('one node is stopped')
setInterval(() => {}, 1_000_000)
