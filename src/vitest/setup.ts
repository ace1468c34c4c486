import { beginFile } from './worker/set-up-file.ts'

// Vitest runs this before each test file: whatever the file imports finds the services of its slot in the environment.
await beginFile()
