import { element } from '../../../page/client/element.ts'
import type { WorkflowPageData } from '../page-data.ts'

/** Returns the text of the workflow file, the config files and the environment of the run. */
export function details({ source, workflow, configs, versions, host }: WorkflowPageData): HTMLElement {
  const programs = Object.entries(versions ?? {}).map(([name, version]) => `${name} ${version}`)
  const facts = [
    ['Workflow', workflow],
    ['Config', configs.join(', ') || 'none'],
    ['Host', host ?? 'unknown'],
    ['Versions', programs.join(', ')],
  ] as const
  const rows = facts.map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, name), element('td', { class: 'value' }, value)),
  )
  return element(
    'section',
    { id: 'details', 'aria-labelledby': 'details-title' },
    element('h2', { id: 'details-title' }, 'Workflow and environment'),
    element('table', {}, element('tbody', {}, ...rows)),
    source !== undefined &&
      element('pre', { class: 'source', tabindex: 0, role: 'region', 'aria-label': 'Workflow file' }, source),
  )
}
