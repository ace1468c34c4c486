/** Matches the keys of secret values. */
export const secretKey = /password|passwd|passphrase|secret|token|credential|(api|private|access)_?key/i

/** What replaces a secret in texts. */
export const hidden = '********'

/** Least length of a secret: replacing a shorter value everywhere would destroy the text around. */
const shortestSecret = 4

/**
 * Returns the secret values of configs or variables: values of keys such as `password` or `token`, and passwords inside
 * URLs.
 */
export function secretsIn(...records: readonly object[]): string[] {
  const entries = records.flatMap((record) => Object.entries(record))
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const secrets = texts.flatMap(([key, value]) => (secretKey.test(key) ? [value] : passwordIn(value)))
  return secrets.filter(({ length }) => length >= shortestSecret)
}

function passwordIn(value: string): string[] {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^/:@]*:([^/@]+)@/i.exec(value) ?? []
  return password ? [password] : []
}
