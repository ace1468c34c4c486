import { dataId } from '../data-id.ts'

/** Reads the JSON in the page. The type is the caller's claim, and is not checked. */
export function pageData<Data>(): Data {
  return JSON.parse(document.getElementById(dataId)?.textContent ?? 'null')
}
