import * as v from 'valibot'
import type { ServiceStart } from '../../session/service-start.ts'
import { parseObject } from './control-result.ts'

/** Further keys are left out: the plugin of the project may be of a later version. */
const startSchema = v.object({
  service: v.pipe(v.string(), v.nonEmpty('expected a text')),
  begin: v.pipe(v.string(), v.isoTimestamp('expected a time such as 2026-01-31T12:00:00.000Z')),
  readyMs: v.pipe(v.number(), v.minValue(0)),
  isTenant: v.optional(v.boolean()),
  error: v.optional(v.string()),
})

/** Parses the JSON of a `service`. @throws ERR_CONTROL with the JSON */
export function parseControlService(json: string): ServiceStart {
  return parseObject(json, startSchema)
}
