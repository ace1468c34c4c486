// A service that ends 200 ms after SIGTERM.
import { defineConfig } from 'test-services'
import { mule } from './deaf.config.mjs'

const onSigterm = "setTimeout(() => { console.log('in peace'); process.exit() }, 200)"

export default defineConfig({ services: { mule: mule({ onSigterm }) } })
