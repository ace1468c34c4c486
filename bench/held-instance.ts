import { CleanUpStack } from '../src/kernel/cleanup-stack.ts'
import type { Ground } from './ground.ts'
import type { Program } from './program.ts'

interface Held {
  readonly variables: Readonly<Record<string, string>>
  readonly version: string
}

/** A running instance with the template, and the attached programs, which end before the instance. */
export class HeldInstance implements AsyncDisposable {
  readonly #ground: Ground
  readonly #cleanUps = new CleanUpStack()
  readonly holder: Program
  #held: Held = { variables: {}, version: '' }

  private constructor(ground: Ground) {
    this.#ground = ground
    this.holder = this.start('holds.mjs')
  }

  static async create(ground: Ground): Promise<HeldInstance> {
    const instance = new HeldInstance(ground)
    try {
      instance.#held = await instance.holder.ask<Held>('setUp')
      return instance
    } catch (thrown) {
      await instance[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** For example `18.4`. */
  get version(): string {
    return this.#held.version
  }

  /** Starts a program with the variables of the instance in its environment. */
  start(name: string): Program {
    const program = this.#ground.start(name, this.#held.variables)
    this.#cleanUps.add(() => program[Symbol.asyncDispose]())
    return program
  }

  /** Starts a program that attaches to the instance, and waits until the program is set up. */
  async attach(name: string): Promise<Program> {
    const program = this.start(name)
    await program.ask('setUp')
    return program
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUps[Symbol.asyncDispose]()
  }
}
