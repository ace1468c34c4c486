import { element } from '../../page/client/element.ts'

/** A sign for each status, so that colour alone does not carry the meaning. */
const signs: Readonly<Record<string, string>> = {
  pass: '✓',
  passed: '✓',
  fail: '✗',
  failed: '✗',
  error: '✗',
  infra: '⚠',
  unfinished: '…',
  canceled: '⊘',
  lost: '⊘',
  warn: '!',
  skip: '–',
  skipped: '–',
  waiting: '…',
  running: '…',
  info: 'i',
}

/** Class of a status; statuses of the user's own look alike. */
export function statusClass(status: string): string {
  return status in signs ? `is-${status}` : 'is-own'
}

export function statusMark(status: string): HTMLElement {
  const sign = element('span', { 'aria-hidden': 'true' }, signs[status] ?? '•')
  return element('span', { class: `mark ${statusClass(status)}` }, sign, ` ${status}`)
}
