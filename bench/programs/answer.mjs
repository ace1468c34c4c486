/**
 * Runs the steps that the bench asks for over the IPC channel, one at a time.
 *
 * @param steps functions by name
 * @param leave called after the bench has disconnected or died, when the present step is done
 */
export function answer(steps, leave = () => {}) {
  let present
  process.on('message', async ({ step, args }) => {
    present = steps[step](...args).then(
      (value) => ({ value }),
      (thrown) => ({ error: thrown.stack }),
    )
    const reply = await present
    if (process.connected) process.send(reply)
  })
  process.once('disconnect', async () => {
    await present
    await leave()
  })
}

/** Returns the duration of work, in milliseconds. */
export async function timed(work) {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
