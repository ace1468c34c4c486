import { tell } from '../support.ts'
import { test } from './test.ts'

test('tells', ({ api, db }) => {
  const { url, port } = db.serviceConfig
  tell({ url, port: String(port), api: api.serviceConfig.url })
})
