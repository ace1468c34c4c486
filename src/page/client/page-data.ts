import { dataId } from '../data-id.ts'

/** Reads the JSON that the page carries. The caller names its type; nothing is checked. */
export function pageData<Data>(): Data {
  return JSON.parse(document.getElementById(dataId)?.textContent ?? 'null')
}
