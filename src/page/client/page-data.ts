import { dataId } from '../data-id.ts'

/** Returns the data of the page. */
export function pageData<Data>(): Data {
  return JSON.parse(document.getElementById(dataId)?.textContent ?? 'null')
}
