const placeholder = '********'
const shortestSecret = 4

/** Replaces known secrets in text for people. */
export class Redactor {
  readonly #secrets = new Set<string>()

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret)
  }

  /** Ignores values of less than four characters: replacing them would destroy the surrounding text. */
  add(secret: string): void {
    if (secret.length < shortestSecret) return
    this.#secrets.add(secret)
    this.#secrets.add(encodeURIComponent(secret))
  }

  apply(text: string): string {
    // Longest first: if a shorter secret is a prefix of a longer secret, replacing the shorter first would leave the
    // end of the longer secret readable.
    const secrets = [...this.#secrets].sort((one, other) => other.length - one.length)
    return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, placeholder), text)
  }
}
