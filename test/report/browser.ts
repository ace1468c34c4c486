import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { writeReport } from '../../src/report/write-report.ts'
import { type ExampleOptions, writeExampleResults } from './example-results.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the system's Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })
}

/** A page in a browser, with what went wrong in it and what it asked the network for. */
export interface OpenedPage {
  readonly page: Page
  readonly problems: string[]
  readonly requests: string[]
}

/** Opens the page of a report, and waits for its rows. */
export async function openPage(browser: Browser, file: string, options?: BrowserContextOptions): Promise<OpenedPage> {
  const opened = await viewPage(browser, file, options)
  await opened.page.locator('.row').first().waitFor()
  return opened
}

export async function viewPage(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const [problems, requests]: [string[], string[]] = [[], []]
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => problems.push(message.text()))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(file).href)
  return { page, problems, requests }
}

export interface ExampleReport {
  /** File of the page. */
  readonly page: string
  remove(): void
}

export async function writeExampleReport(options: ExampleOptions): Promise<ExampleReport> {
  const directory = mkdtempSync(join(tmpdir(), 'ts-report-'))
  writeExampleResults(directory, options)
  const { page } = await writeReport(directory)
  return { page, remove: () => rmSync(directory, { recursive: true }) }
}

export function useReportDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ts-report-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
