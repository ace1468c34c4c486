// Copies the pid file of the service `api` to a file, and stays: copies-its-pidfile.mjs FILE
import { copyFileSync } from 'node:fs'

copyFileSync(process.env.LP_API_PIDFILE, process.argv[2])
console.error('everything is ready')
setInterval(() => {}, 1000)
