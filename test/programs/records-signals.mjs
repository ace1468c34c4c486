// Says when it runs, writes each signal that it gets, and exits with 9 after the first.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => {
    console.log(name)
    setTimeout(() => process.exit(9), 200)
  })
setInterval(() => {}, 1000)
console.error('recording')
