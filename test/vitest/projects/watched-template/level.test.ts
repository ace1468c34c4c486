import { tell } from '../support.ts'
import { config, test } from './test.ts'

const name = 'first'

test('tells', () => tell({ [`${name} ${Object(config.environment).LEVEL}`]: 'yes' }))
