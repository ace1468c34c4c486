import './tells.test.ts'
