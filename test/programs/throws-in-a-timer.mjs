// A script of a workflow that ends when it is canceled, with an error in a timer.
export default ({ signal }) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
    setTimeout(() => {
      throw new Error('in a timer')
    })
  })
