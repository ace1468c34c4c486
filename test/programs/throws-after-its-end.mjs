// A script of a workflow with an error after its end, in the next step.
import { existsSync, writeFileSync } from 'node:fs'

export default ({ output }) => {
  const timer = setInterval(() => {
    if (!existsSync(`${output}/003_after/cmd_01.state`)) return
    clearInterval(timer)
    setTimeout(() => writeFileSync(`${output}/thrown`, ''), 20)
    void Promise.reject(new Error('too late'))
  }, 20)
}
