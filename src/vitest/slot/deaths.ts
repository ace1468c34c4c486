interface Death {
  readonly error: Error
  isBlamed: boolean
}

/**
 * The services that died during a run. Each death has to fail a test; a death that fails no test makes the whole run
 * fail.
 */
export class Deaths {
  /** Deaths by the config object of the instance; each set-up makes a new object. */
  readonly #deaths = new Map<object, Death>()

  see(config: object, error: Error): void {
    if (!this.#deaths.has(config)) this.#deaths.set(config, { error, isBlamed: false })
  }

  /** Records a death because of which a test fails. */
  blame(config: object, error: Error): void {
    this.see(config, error)
    const death = this.#deaths.get(config)
    if (death) death.isBlamed = true
  }

  /** Returns the errors of the deaths that failed no test, and forgets all deaths. */
  takeUnblamed(): Error[] {
    const unblamed = [...this.#deaths.values()].flatMap(({ error, isBlamed }) => (isBlamed ? [] : [error]))
    this.#deaths.clear()
    return unblamed
  }
}
