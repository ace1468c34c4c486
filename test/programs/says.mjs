// Says its arguments, a line each, and stays.
for (const line of process.argv.slice(2)) console.log(line)
setInterval(() => {}, 60_000)
