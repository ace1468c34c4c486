/** Id of the element with the data of a page. */
export const dataId = 'data'
