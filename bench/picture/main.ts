import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { blocksOf, filesOf, root } from '../../test/support/documents.ts'
import { createInstallation } from '../../test/support/installation.ts'
import { foreignEnvironment } from '../ground.ts'
import { filmOf } from './film.ts'
import { type Recording, record } from './recording.ts'
import { svgOf } from './svg.ts'

/** Draws docs/images/start.svg: the first example of README, started in the foreground and stopped by Ctrl-C. */

const picture = join(root, 'docs/images/start.svg')
const example = 'In Vitest: an API and its database'
const title = 'test-services starts a Postgres and an API that needs it, and stops both at Ctrl-C'

await using installation = await createInstallation()
const project = join(installation.directory, 'shop')
mkdirSync(project)
writeFileSync(join(project, 'package.json'), '{"type":"module"}')
for (const [name, code] of filesOf(blocksOf('README.md').filter(({ heading }) => heading === example)))
  writeFileSync(join(project, name), code)

function run(): Promise<Recording> {
  const directories = {
    LP_STATE_DIR: join(installation.directory, 'state'),
    XDG_CACHE_HOME: join(installation.directory, 'cache'),
  }
  return record({
    line: `'${process.execPath}' '${installation.command}' start`,
    directory: project,
    environment: { ...foreignEnvironment(), ...directories },
    columns: 96,
    interruptAt: 'Ctrl-C stops',
  })
}

// The first start prepares the data that the second one finds.
await run()
const { chunks, interruptedAtMs } = await run()
const shown = chunks.map(({ atMs, text }) => ({ atMs, text: text.replaceAll(installation.directory, '~') }))
const svg = svgOf(filmOf({ chunks: shown, interruptedAtMs }, '$ npx test-services'), title)
mkdirSync(dirname(picture), { recursive: true })
writeFileSync(picture, svg)
