interface Timed<T> {
  readonly at: number
  readonly value: T
}

/** Gives back what was added in the order of its time: a binary heap. */
export class TimeQueue<T> {
  readonly #heap: Timed<T>[] = []

  add(at: number, value: T): void {
    const heap = this.#heap
    const added = { at, value }
    let index = heap.push(added) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Timed<T>
      if (above.at <= at) break
      heap[index] = above
      index = parent
    }
    heap[index] = added
  }

  take(): Timed<T> | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) this.#sink(last)
    return first
  }

  #sink(sinking: Timed<T>): void {
    const heap = this.#heap
    let index = 0
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      const [left, right] = [heap[child] as Timed<T>, heap[child + 1]]
      if (right && right.at < left.at) child++
      const smaller = heap[child] as Timed<T>
      if (smaller.at >= sinking.at) break
      heap[index] = smaller
      index = child
    }
    heap[index] = sinking
  }
}
