// A test for `node:test` that starts a service and never stops it.
import { test } from 'node:test'
import { start } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'

const files = await start(librarian())
test('answers', () => files.check())
