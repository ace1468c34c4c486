/** Functions with which the tests of all projects speak to the test that runs them: by files in the project. */
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

interface Library {
  readonly serviceConfig: { readonly url: string }
}

/** Reports values to the test outside, which reads them by `told()` of the project. */
export function tell(values: Readonly<Record<string, unknown>>): void {
  appendFileSync('told.jsonl', `${JSON.stringify({ pid: String(process.pid), ...values })}\n`)
}

/** Waits until the test outside has made a file. */
export async function isThere(file: string): Promise<void> {
  while (!existsSync(file)) await pause(5)
}

/** Never resolves, and keeps the process alive. */
export function forever(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 1_000))
}

/** Adds a file to a librarian. */
export async function add(library: Library, body: string): Promise<void> {
  await fetch(`${library.serviceConfig.url}/files`, { method: 'POST', body })
}

/** Returns the number of files that a librarian has. */
export async function count(library: Library): Promise<number> {
  const response = await fetch(`${library.serviceConfig.url}/files`)
  return ((await response.json()) as unknown[]).length
}

/** Returns the text that a server answers to a GET request. */
export async function ask(service: Library, path = ''): Promise<string> {
  return (await fetch(service.serviceConfig.url + path)).text()
}

/** Makes a promise that is resolved from elsewhere. */
export function createSignal(): { readonly give: () => void; readonly given: Promise<void> } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { give, given }
}
