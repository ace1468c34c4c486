import { NotRunningError, UsageError } from '../../kernel/errors.ts'
import { hiddenPassword } from '../../pool/queue/hidden-password.ts'
import { queueStatus } from '../../pool/queue/queue-status.ts'
import { type QueueChoice, queueUrl, queueVariable } from '../pool/queue-option.ts'
import { describeStatus } from '../pool/queue-text.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

interface PoolStatusOptions extends QueueChoice {
  readonly name?: string
  readonly json?: boolean
}

/** Prints the counts, hosts and machines of the run in a queue. */
export async function poolStatus(
  _words: readonly string[],
  { json = false, name, ...choice }: PoolStatusOptions,
): Promise<number> {
  const url = queueUrl(choice)
  if (url === undefined) throw new UsageError(`pool status needs --queue redis://…, or the variable ${queueVariable}`)
  const status = await queueStatus({ url, name })
  if (!status) throw new NotRunningError(`the queue at ${hiddenPassword(url)} has no run`)
  process.stdout.write(`${json ? JSON.stringify(status, null, 2) : describeStatus(status)}\n`)
  return exitCodes.done
}
