import { meet } from '../meet.ts'

meet('one', 'two')
