const placeholder = '********'
const shortestSecret = 4

/** Replaces known secrets in text that people may see. */
export class Redactor {
  readonly #secrets = new Set<string>()

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret)
  }

  /** Values under four characters are ignored: replacing them would destroy the text around them. */
  add(secret: string): void {
    if (secret.length < shortestSecret) return
    this.#secrets.add(secret)
    this.#secrets.add(encodeURIComponent(secret))
  }

  apply(text: string): string {
    // The longest first: a secret that begins like another would leave its end to be read.
    const secrets = [...this.#secrets].sort((one, other) => other.length - one.length)
    return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, placeholder), text)
  }
}
