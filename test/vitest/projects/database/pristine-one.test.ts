import './pristine.ts'
