import { useService } from 'test-services/vitest'
import { expect, test } from 'vitest'
import { config } from './test.ts'

const library = useService(config.services.library)

test('has one', () => expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url))
