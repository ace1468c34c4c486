import { dataId } from '../data-id.ts'

/** Returns the data that the page was made with. */
export function pageData<Data>(): Data {
  return JSON.parse(document.getElementById(dataId)?.textContent ?? 'null')
}
