import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeWorkflowReport } from '../../../src/workflow/page/write-workflow-report.ts'
import { startBrowser, viewPage } from '../../report/browser.ts'
import { useExampleWorkflow } from './example-workflow.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

async function openExample(
  ...example: Parameters<typeof useExampleWorkflow>
): Promise<{ page: Page; problems: string[]; requests: string[] }> {
  const { page } = await writeWorkflowReport(useExampleWorkflow(...example))
  const opened = await viewPage(browser, page, { permissions: ['clipboard-read', 'clipboard-write'] })
  await opened.page.locator('#steps').waitFor()
  return opened
}

describe('the page of a workflow', () => {
  test('needs nothing but itself, and runs no script of a command or an output', async () => {
    const { page, problems, requests } = await openExample()
    expect(await page.title()).toBe('workflow.yaml: 1 of 5 steps failed')
    expect(problems).toEqual([])
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([page.url()])
  })

  test('opens what failed, with coloured output and the exit code', async () => {
    const { page } = await openExample()
    expect(await page.locator('#steps > details[open] > summary .name').allTextContents()).toEqual(['test', 'soak'])
    const failed = page.locator('#steps > details').nth(2)
    expect(await failed.locator('.command .faint').first().textContent()).toBe('exit code 3 · 1.25 s')
    expect(await failed.locator('.ansi-red-fg').textContent()).toBe('self-test failed')
    expect(await failed.locator('.artifacts a').getAttribute('href')).toBe('003_test/artifacts/trace%201.txt')
  })

  test('shows the rest of a record with a damaged time', async () => {
    const { page, problems } = await openExample(undefined, { begin: '2026-01-' })
    expect(problems).toEqual([])
    expect(await page.locator('.facts').first().textContent()).toMatch(/^\d+ commands · on laptop · #nightly$/)
  })

  test('copies a command', async () => {
    const { page } = await openExample()
    await page.keyboard.press('e')
    await page.locator('.command', { hasText: 'make -j2' }).getByRole('button', { name: 'copy' }).click()
    await page.getByRole('button', { name: 'copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('make -j2')
  })

  test('filters by command, and by failure', async () => {
    const { page } = await openExample()
    const shown = () => page.locator('#steps > details:visible > summary .name').allTextContents()
    await page.keyboard.press('/')
    await page.keyboard.type('make')
    expect(await shown()).toEqual(['build'])
    await page.locator('#steps > details:visible > summary').click()
    await page.locator('.command:visible').first().waitFor()
    expect(await page.locator('.command:visible .name').allTextContents()).toEqual(['make -j2'])
    await page.keyboard.press('Escape')
    await page.keyboard.press('f')
    expect(await shown()).toEqual(['test', 'soak', 'logs'])
    expect(await page.locator('.command .name').count()).toBeGreaterThan(1)
  })
})
