// Plays the entry point of an image of S3: our own server, with one pair of keys, from the variables that MinIO reads.
import { writeFileSync } from 'node:fs'

const [, , command, data] = process.argv
const { MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password, MINIO_REGION: region } = process.env
console.log(`${command} ${data} in ${region}`)
const file = '/tmp/settings.json'
const account = { user, password }
writeFileSync(file, JSON.stringify({ holder: process.ppid, host: '0.0.0.0', port: 9000, region, account }))
process.argv[2] = file
await import(process.env.S3_SERVER)
