// Loads a config file and prints what is in it, or the error: loads-a-config.mjs FILE
import { loadConfig } from 'test-services/session'

const tell = (value) => console.log(JSON.stringify(value))
await loadConfig(process.argv[2]).then(
  ({ config, file, directory }) => tell({ names: Object.keys(config.services), file, directory }),
  ({ code, message }) => tell({ code, message }),
)
