import { tell } from '../support.ts'

export default class {
  onTestRunEnd(): void {
    tell({ tearsDown: 'yes' })
  }
}
