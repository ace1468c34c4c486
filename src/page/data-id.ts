/** Id of the element that has the data of a page. */
export const dataId = 'data'
