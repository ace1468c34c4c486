import { meet } from '../meet.ts'

meet('two', 'one')
