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
  })

  test('shows the test of a bar that is pointed at or clicked', async () => {
    const { page } = await openReport()
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
    const { page } = await openReport()
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
})
