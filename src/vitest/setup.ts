import { beginFile } from './worker/set-up-file.ts'

// Vitest runs this file before each test file, so that modules of the test file find the services of the slot in the
// environment.
await beginFile()
