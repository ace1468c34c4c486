const secretKey = /password|secret|token|credential|private_?key/i

/** The values of a config, or of variables, that are for nobody's eyes, told by their names. */
export function secretsIn(...records: readonly object[]): string[] {
  const entries = records.flatMap((record) => Object.entries(record))
  return entries.filter(([key, value]) => secretKey.test(key) && typeof value === 'string').map(([, value]) => value)
}
