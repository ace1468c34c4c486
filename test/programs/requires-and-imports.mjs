// Compares what `require` and `import` give of each module.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const modules = {
  'test-services': 'start',
  'test-services/session': 'Session',
  'test-services/fixture': 'defineService',
}
for (const [module, name] of Object.entries(modules)) {
  const imported = await import(module)
  console.log(typeof imported[name], require(module)[name] === imported[name])
}
