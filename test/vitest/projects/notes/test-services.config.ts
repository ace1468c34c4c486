import { defineConfig } from 'test-services'
import { notes } from './notes.ts'

export default defineConfig({ services: { notes: notes() } })
