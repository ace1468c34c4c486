import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { writeReport } from '../../src/report/write-report.ts'
import { type OpenedPage, openPage, startBrowser, useReportDirectory, writeExampleReport } from './browser.ts'
import { writeExampleResults } from './example-results.ts'

const poorContrasts = readFileSync(`${import.meta.dirname}/poor-contrasts.js`, 'utf8')

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

async function openReport(tests: number, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const report = await writeExampleReport({ tests })
  onTestFinished(report.remove)
  return openPage(browser, report.page, options)
}

describe('the page of a report', () => {
  test('shows the test of a bar that is pointed at or clicked', async () => {
    const { page } = await openReport(120)
    const bar = page.locator('.attempt.is-infra').first()
    await bar.hover()
    await page.locator('.tip', { hasText: /case-24.test.ts\s+infra/ }).waitFor()
    await bar.click()
    const panel = page.locator('.panel')
    expect(await panel.locator('h2').textContent()).toBe('test/api/v2/case-24.test.ts')
    expect(await panel.textContent()).toContain('Run again: ERR_TRANSPORT: local-2 was lost')
    const address = page.url()
    await page.keyboard.press('Escape')
    expect(await panel.isVisible()).toBe(false)
    await page.goto('about:blank')
    await page.goto(address)
    expect(await panel.locator('h2').textContent()).toBe('test/api/v2/case-24.test.ts')
  })

  test('is used by keyboard alone', async () => {
    const { page } = await openReport(120)
    await page.keyboard.press('t')
    await page.keyboard.press('ArrowDown')
    const first = await page.locator('.current').textContent()
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.current').textContent()).not.toBe(first)
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('.current').textContent()).toContain('local-2')
    await page.keyboard.press('Enter')
    const name = await page.locator('.panel h2').textContent()
    expect(await page.locator('.current').textContent()).toContain(name)
    await page.keyboard.press('Escape')
    expect(await page.locator('svg:focus').count()).toBe(1)
    await page.keyboard.press('?')
    expect(await page.locator('dialog').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    expect(await page.locator(':focus').textContent()).toContain('case-8.test.ts')
  })

  test('is light or dark as the system wants, or as the button says', async () => {
    const { page } = await openReport(20, { colorScheme: 'dark' })
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(await ground()).toBe('rgb(22, 24, 29)')
    await page.getByTitle('Light or dark').click()
    expect(await ground()).toBe('rgb(255, 255, 255)')
  })

  test('fits a narrow screen', async () => {
    const { page } = await openReport(120, { viewport: { width: 390, height: 844 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })

  test('names every control, and has enough contrast', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openReport(120, { colorScheme })
      const nameless = page.locator('button, input, a, [tabindex="0"]')
      const names = await nameless.evaluateAll((all) =>
        all.map(
          (one) => one.textContent || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || '',
        ),
      )
      expect(names.filter((name) => name.trim() === '')).toEqual([])
      expect(await page.evaluate(poorContrasts)).toEqual([])
    }
  })

  test('opens quickly with 5,000 tests, and makes rows as one scrolls', async () => {
    const { page } = await openReport(5_000)
    expect(await page.locator('.row').count()).toBe(100)
    await page.locator('.row').last().scrollIntoViewIfNeeded()
    await page.locator('.row').nth(150).waitFor()
    const tookMs = await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    expect(tookMs).toBeLessThan(10_000)
  })

  test('tells of a run that was killed, and of what cannot be read', async () => {
    const directory = useReportDirectory()
    writeExampleResults(directory, { tests: 5, killed: true })
    appendFileSync(join(directory, 'results.jsonl'), '["half')
    await writeReport(directory)
    const { page } = await openPage(browser, join(directory, 'index.html'))
    const warnings = await page.locator('.warning').allTextContents()
    expect(warnings[0]).toBe('The run on builder did not come to its end; this is what it left.')
    expect(warnings[1]).toContain('1 part of the results could not be read')
  })
})
