import { element } from '../../../page/client/element.ts'
import { formatDuration, formatTime } from '../../../page/client/format.ts'
import { textView } from '../../../page/client/text-view.ts'
import { statusMark } from '../../../report/client/status-mark.ts'
import type { PageCommand } from '../page-data.ts'

/** Returns a command as a line for a shell. */
export function textOfCommand({ command }: PageCommand): string {
  return typeof command === 'string' ? command : command.map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Returns a command with its facts and its output; the output of a failed command is open. */
export function commandView(command: PageCommand): HTMLElement {
  const { output, error } = command
  const line = textOfCommand(command)
  const view = element(
    'details',
    { class: 'command', open: stateOf(command) !== 'passed' },
    element(
      'summary',
      {},
      statusMark(stateOf(command)),
      element('code', { class: 'name' }, line),
      element('span', { class: 'faint' }, factsOf(command)),
      copyButton(line),
    ),
  )
  const fill = (): void => {
    if (!view.open || view.childElementCount > 1) return
    view.append(
      element(
        'div',
        { class: 'content' },
        element('p', { class: 'faint' }, placeOf(command)),
        error !== undefined && element('p', { class: 'note' }, error),
        output === undefined || output.size === 0 ? element('p', { class: 'faint' }, 'no output') : textView(output),
      ),
    )
  }
  view.addEventListener('toggle', fill)
  fill()
  return view
}

function stateOf({ done, exitCode, end }: PageCommand): string {
  if (!done) return end === undefined ? 'unfinished' : 'canceled'
  return exitCode === 0 ? 'passed' : 'failed'
}

function factsOf({ exitCode, signal, elapsed }: PageCommand): string {
  const facts = elapsed === undefined ? [] : [formatDuration(elapsed * 1_000)]
  if (signal !== undefined) return [signal, ...facts].join(' · ')
  return exitCode === undefined || exitCode === 0 ? facts.join('') : [`exit code ${exitCode}`, ...facts].join(' · ')
}

function placeOf({ id, transport, directory, begin }: PageCommand): string {
  const place = directory === undefined ? `on ${transport}` : `on ${transport}, in ${directory}`
  return `${id} ${place}${begin === '' ? '' : `, ${formatTime(Date.parse(begin))}`}`
}

function copyButton(line: string): HTMLElement {
  const button = element('button', { type: 'button', class: 'copy', title: 'Copy the command' }, 'copy')
  button.addEventListener('click', (event) => {
    // The button is inside of the summary, which would open the details.
    event.preventDefault()
    void navigator.clipboard.writeText(line).then(
      () => (button.textContent = 'copied'),
      () => (button.textContent = 'not allowed'),
    )
  })
  return button
}
