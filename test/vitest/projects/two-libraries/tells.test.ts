import { tell } from '../support.ts'
import { test } from './test.ts'

const {
  LP_PERSISTENT_TEST_SERVICES: labels,
  LIBRARY_URL: plain,
  LP_LIBRARY_URL: shared,
  OTHER_URL: otherPlain,
  LP_OTHER_URL: otherShared,
} = process.env

test('tells', ({ library, other }) => {
  const [id, otherId] = [library, other].map(({ serviceConfig }) => serviceConfig.instanceId)
  tell({ labels, plain, shared, otherPlain, otherShared, id, otherId })
})
