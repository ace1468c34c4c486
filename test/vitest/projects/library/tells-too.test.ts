import { declareTest } from './tells.ts'

declareTest()
