// Runs the program of the variable PROGRAM, which is ready when it says READY.
import { command, defineConfig, ready } from 'test-services'

const { PROGRAM, READY } = process.env

export default defineConfig({
  services: { forker: command({ command: JSON.parse(PROGRAM), port: false, ready: ready.log(READY) }) },
})
