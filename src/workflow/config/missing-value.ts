import { nearest } from '../../kernel/suggestion.ts'
import type { WorkflowConfig } from './workflow-config.ts'

/** Says that a config has no value for a path, and which path is near. */
export function missingValue(path: string, { files, paths }: Pick<WorkflowConfig, 'files' | 'paths'>): string {
  const known = paths()
  const found = known.includes(`values.${path}`) ? `values.${path}` : nearest(path, known)
  const hint = found === undefined ? '' : ` (did you mean config.${found}?)`
  const where = files.length > 0 ? `in ${files.join(', ')}` : 'because there is no config file'
  return `there is no value config.${path}${hint} ${where}`
}
