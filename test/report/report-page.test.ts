import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExampleReport, type OpenedPage, openPage, startBrowser, writeExampleReport } from './browser.ts'

let browser: Browser
let report: ExampleReport
beforeAll(async () => {
  browser = await startBrowser()
  report = await writeExampleReport({ tests: 120 })
})
afterAll(async () => {
  await browser.close()
  report.remove()
})

function openReport(): Promise<OpenedPage> {
  return openPage(browser, report.page)
}

describe('the page of a report', () => {
  test('needs nothing but itself, and runs no script of an output', async () => {
    const { page, problems, requests } = await openReport()
    expect(await page.title()).toBe('3 of 120 tests failed')
    expect(await page.locator('h1').textContent()).toBe('3 of 120 tests failed')
    const output = page.locator('#failures pre').first()
    expect(await output.textContent()).toContain("</script><script>document.title = 'broken'</script>")
    expect(problems).toEqual([])
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([page.url()])
  })

  test('shows failures first, with note, coloured output and the log of a service', async () => {
    const { page } = await openReport()
    const failure = page.locator('#failures .failure').first()
    expect(await failure.locator('.note').textContent()).toMatch(/^AssertionError: expected 'paid'/)
    expect(await failure.locator('figcaption a').allTextContents()).toEqual(['output.txt', 'service-db.log'])
    expect(await failure.locator('.ansi-green-fg').first().textContent()).toBe('✓')
    const parts = await page.locator('main > section').evaluateAll((sections) => sections.map(({ id }) => id))
    expect(parts).toEqual(['', 'failures', 'timeline', 'services', 'attempts', 'tests'])
  })

  test('shows the start of each service, in a table, on the timeline, and with its test', async () => {
    const { page } = await openReport()
    const cells = page.locator('#services tbody tr').first().locator('th, td:not(.start), small')
    expect((await cells.allTextContents()).filter((text) => !/\d:\d\d/.test(text))).toEqual([
      'api',
      'local-3',
      'failed after 213 ms',
      'for test/accounts/case-8.test.ts, API ended with exit status 3 while starting',
    ])
    expect(await page.locator('.labels li').first().textContent()).toBe('the whole pool')
    const lines = await page.locator('svg .start title').allTextContents()
    expect(await page.locator('#services h2').textContent()).toBe('Start of services (261)')
    expect(lines.length).toBeGreaterThan(200)
    expect(lines.slice(0, 2)).toEqual(['start of mail: 170 ms', 'start of db: 131 ms'])
    await page.getByRole('button', { name: 'All of this test' }).first().click()
    const panel = await page.locator('.panel').textContent()
    expect(panel).toContain('Services of the test: db 53 ms (tenant), api failed after 213 ms')
    expect(panel).toContain('no route to the moon')
  })

  test('filters by status and by name', async () => {
    const { page } = await openReport()
    const title = page.locator('#tests-title')
    await page.getByRole('button', { name: 'skip 3' }).click()
    expect(await title.textContent()).toBe('Tests (3 of 120)')
    expect(await page.locator('#failures').isVisible()).toBe(false)
    expect(await page.locator('.attempt:not(.dimmed)').count()).toBe(3)
    await page.keyboard.press('Escape')
    expect(await title.textContent()).toBe('Tests (120)')
    await page.keyboard.press('/')
    await page.keyboard.type('billing case-1')
    const names = await page.locator('.row .name').allTextContents()
    expect(names.length).toBeGreaterThan(5)
    expect(names.every((name) => name.startsWith('test/billing/case-1'))).toBe(true)
    const none = page.getByText('No test matches the filter')
    expect(await none.isVisible()).toBe(false)
    await page.keyboard.type(' nothing')
    expect(await none.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await page.keyboard.press('f')
    expect(await title.textContent()).toBe('Tests (3 of 120)')
    expect(await page.locator('#tests .row .mark').allTextContents()).toEqual(['✗ fail', '⚠ infra', '✗ fail'])
  })
})
