export default { test: { include: ['tests/one.test.ts'] } }
