// Logs that the connection broke at SIGUSR1; ends at SIGUSR2. With "dies", logs an error at its start, and a broken
// connection is its death: loses-its-connection.mjs [dies]
const dies = process.argv[2] === 'dies'
if (dies) console.log('Error: of the start')
process.on('SIGUSR1', () => {
  console.log('Error: the connection broke')
  if (!dies) return
  for (let line = 1; line <= 30; line++) console.log(`at line ${line}`)
  process.exit(7)
})
process.on('SIGUSR2', () => process.exit(3))
setInterval(() => {}, 60_000)
console.log('up')
