import { detectShell } from '../../src/shell/detect.ts'

process.stdout.write(`${detectShell(process.env)}\n`)
