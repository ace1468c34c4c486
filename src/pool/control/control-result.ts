import { posix } from 'node:path'
import * as v from 'valibot'
import { asError } from '../../kernel/errors.ts'
import { malformed } from './control-command.ts'

const pathSchema = v.pipe(
  v.string(),
  v.check(isPathBelow, 'expected a path below the directory of the result'),
  v.transform((path) => posix.normalize(path)),
)
const lengthSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const filesSchema = v.pipe(
  v.array(v.looseObject({ name: pathSchema, length: lengthSchema })),
  v.check((files) => namesOf(files).size === files.length, 'a name is used twice'),
)

/** The keys with a meaning; the test may give further keys. `null` takes a key of a partial result away. */
const resultSchema = v.looseObject({
  status: v.nullish(v.pipe(v.string(), v.nonEmpty('expected a text'))),
  name: v.nullish(v.string()),
  note: v.nullish(v.string()),
  files: v.nullish(filesSchema),
  partial: v.nullish(v.boolean()),
  testout: v.nullish(pathSchema),
})

/** The JSON of a `result`. Without `name`, the result is for the whole test. */
export type ControlResult = v.InferOutput<typeof resultSchema>

/** A file with content after the JSON; `length` is in bytes. */
export type ControlFile = v.InferOutput<typeof filesSchema>[number]

/** @throws ERR_CONTROL with the JSON */
export function parseControlResult(json: string): ControlResult {
  return parseObject(json, resultSchema)
}

/** Parses the JSON of an object. @throws ERR_CONTROL with the JSON */
export function parseObject<Schema extends v.GenericSchema>(json: string, schema: Schema): v.InferOutput<Schema> {
  const value = parse(json)
  if (Array.isArray(value)) throw malformed(json, 'expected one object, but got a list')
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [{ message }] = parsed.issues
  const path = v.getDotPath(parsed.issues[0])
  throw malformed(json, path === null ? message : `${path}: ${message}`)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (thrown) {
    throw malformed(json, `no JSON: ${asError(thrown).message}`)
  }
}

function isPathBelow(path: string): boolean {
  const normal = posix.normalize(path)
  const isDirectory = normal === '.' || normal.endsWith('/')
  return (
    !posix.isAbsolute(path) && !isDirectory && !normal.split('/').includes('..') && !path.includes('\0') && path !== ''
  )
}

/** Returns the names of files, each once. */
export function namesOf(files: readonly { readonly name: string }[]): Set<string> {
  return new Set(files.map(({ name }) => name))
}
