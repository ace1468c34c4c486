import { findAccount } from '../../src/action/user/account.ts'

/** Asks for root as whoever it is, and says in one line of JSON what comes of it. */
try {
  findAccount('root')
  process.stdout.write('{}\n')
} catch (thrown) {
  const { code, message } = thrown as { code?: string; message: string }
  process.stdout.write(`${JSON.stringify({ code, message })}\n`)
}
