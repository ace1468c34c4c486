// Counts SIGINT until 150 ms after the first one, and exits with 7.
let count = 0
process.on('SIGINT', () => {
  count += 1
  setTimeout(() => {
    console.log('signals:', count)
    process.exit(7)
  }, 150)
})
setInterval(() => {}, 1000)
console.log('counting in a terminal:', process.stdin.isTTY)
