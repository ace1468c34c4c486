import { element } from '../../page/client/element.ts'
import { formatDuration } from '../../page/client/format.ts'
import type { ReportAttempt, ReportMachine, ReportTest } from '../report-data.ts'
import type { Filter } from './filter.ts'
import { type Model, wholePool } from './model.ts'
import { startsText } from './service-starts.ts'
import { axisHeight } from './time-axis.ts'
import { type Bar, type Drawing, drawTimeline, rowHeight } from './timeline-drawing.ts'

const widest = 64

/** Machines and tests over time. The arrow keys move the current bar, and Enter shows the test of the current bar. */
export class Timeline {
  readonly element: HTMLElement
  readonly #model: Model
  readonly #filter: Filter
  readonly #show: (test: ReportTest) => void
  readonly #machines: readonly ReportMachine[]
  readonly #scroller = element('div', { class: 'scroller' })
  readonly #tip = element('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' })
  readonly #current = element(
    'p',
    { class: 'current', role: 'status' },
    'Point at a bar, or use the arrow keys. Enter shows the test. The lines below the bars are starts of services.',
  )
  #drawing: Drawing | undefined
  #at: Bar | undefined
  #zoom = 1
  #width = 0

  constructor(model: Model, filter: Filter, show: (test: ReportTest) => void) {
    this.#model = model
    this.#filter = filter
    this.#show = show
    const machines = model.data.machines.toSorted((a, b) =>
      model.machineName(a).localeCompare(model.machineName(b), undefined, { numeric: true }),
    )
    const hasShared = model.data.services.some(({ machine }) => machine === undefined)
    this.#machines = hasShared ? [wholePool, ...machines] : machines
    const labels = this.#machines.map((machine) => {
      const name = machine === wholePool ? machine.name : model.machineName(machine)
      return element('li', { title: name, style: `height: ${rowHeight}px` }, name)
    })
    this.element = element(
      'section',
      { id: 'timeline', 'aria-labelledby': 'timeline-title' },
      element(
        'div',
        { class: 'section-head' },
        element('h2', { id: 'timeline-title' }, 'Machines and tests'),
        ...this.#zoomButtons(),
      ),
      element(
        'div',
        { class: 'timeline' },
        element('ul', { class: 'labels', style: `padding-top: ${axisHeight}px` }, ...labels),
        this.#scroller,
      ),
      this.#current,
      this.#tip,
    )
    filter.onChange(() => this.#dim())
    new ResizeObserver(([entry]) => this.#resize(entry?.contentRect.width ?? 0)).observe(this.#scroller)
  }

  focus(): void {
    this.#svg?.focus()
  }

  get #svg(): SVGElement | undefined {
    return this.#drawing?.svg
  }

  #zoomButtons(): HTMLElement[] {
    const button = (text: string, label: string, factor: number): HTMLElement =>
      element('button', { type: 'button', 'aria-label': label, title: label, click: () => this.#zoomBy(factor) }, text)
    return [button('−', 'Less detail', 0.5), button('+', 'More detail', 2)]
  }

  #zoomBy(factor: number): void {
    const middle = (this.#scroller.scrollLeft + this.#width / 2) / this.#zoom
    this.#zoom = Math.min(widest, Math.max(1, this.#zoom * factor))
    this.#draw()
    this.#scroller.scrollLeft = middle * this.#zoom - this.#width / 2
  }

  #resize(width: number): void {
    if (width === 0 || width === this.#width) return
    this.#width = width
    this.#draw()
  }

  #draw(): void {
    const drawing = drawTimeline(this.#model, this.#machines, this.#width * this.#zoom)
    const { svg, bars } = drawing
    svg.setAttribute(
      'aria-label',
      `Timeline of ${this.#model.data.machines.length} machines and ${bars.length} attempts`,
    )
    const barAt = (event: Event): Bar | undefined => bars.find(({ rect }) => rect === event.target)
    svg.addEventListener('pointermove', (event) => this.#tell(barAt(event), event))
    svg.addEventListener('pointerleave', () => this.#tell(undefined))
    svg.addEventListener('click', (event) => this.#choose(barAt(event)))
    svg.addEventListener('keydown', (event) => this.#onKey(event))
    this.#drawing = drawing
    this.#scroller.replaceChildren(svg)
    this.#dim()
    this.#mark(bars.find(({ attempt }) => attempt === this.#at?.attempt))
  }

  #dim(): void {
    for (const { rect, attempt } of this.#drawing?.bars ?? []) {
      const test = this.#model.testOf(attempt)
      rect.classList.toggle('dimmed', test !== undefined && !this.#filter.accepts(test))
    }
  }

  #tell(bar: Bar | undefined, at?: PointerEvent): void {
    this.#tip.hidden = bar === undefined
    if (!bar || !at) return
    this.#tip.textContent = this.#describe(bar.attempt)
    const right = at.clientX > window.innerWidth - 320
    this.#tip.style.left = `${at.clientX + (right ? -12 : 12)}px`
    this.#tip.style.top = `${at.clientY + 16}px`
    this.#tip.classList.toggle('left', right)
  }

  #describe(attempt: ReportAttempt): string {
    const { begin, number, state } = attempt
    const test = this.#model.testOf(attempt)
    const machine = this.#model.machineOf(attempt)
    const name = test ? this.#model.testName(test) : ''
    const services = startsText(this.#model.servicesOf(attempt))
    const times = `${formatDuration(this.#model.durationOf(attempt))}, from ${formatDuration(begin - this.#model.data.begin)} on`
    return `${name}\n${state}${number > 1 ? `, attempt ${number}` : ''}\n${times}\n${machine ? this.#model.machineName(machine) : ''}${services && `\nservices: ${services}`}`
  }

  #choose(bar: Bar | undefined): void {
    if (!bar) return
    this.#mark(bar)
    const test = this.#model.testOf(bar.attempt)
    this.#svg?.focus({ preventScroll: true })
    if (test) this.#show(test)
  }

  #mark(bar: Bar | undefined): void {
    this.#at?.rect.classList.remove('is-current')
    this.#at = bar
    if (!bar) return
    bar.rect.classList.add('is-current')
    this.#current.textContent = this.#describe(bar.attempt).replaceAll('\n', ' · ')
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#choose(this.#at)
    const next = this.#next(event.key)
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    this.#mark(next)
    next.rect.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  /** Returns the next current bar after a key. */
  #next(key: string): Bar | undefined {
    const bars = this.#drawing?.bars ?? []
    const at = this.#at
    if (!at) return key.startsWith('Arrow') ? bars[0] : undefined
    const own = bars.filter(({ row }) => row === at.row)
    const position = own.indexOf(at)
    if (key === 'ArrowRight') return own[position + 1]
    if (key === 'ArrowLeft') return own[position - 1]
    if (key === 'Home') return own[0]
    if (key === 'End') return own.at(-1)
    const rows = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
    const others = rows === 0 ? [] : bars.filter(({ row }) => row === at.row + rows)
    const distance = ({ attempt }: Bar): number => Math.abs(attempt.begin - at.attempt.begin)
    return others.sort((a, b) => distance(a) - distance(b))[0]
  }
}
